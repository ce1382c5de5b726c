// Questions to the server on this machine; an error comes as a sentence. ``again``: it may be worth to ask once more.
import { say } from "./words.js";

export async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(path, body ? { method: "POST", body: JSON.stringify(body) } : {});
  } catch {
    throw Object.assign(new Error(say("lost")), { again: true });
  }
  const type = answer.headers.get("content-type") || "";
  if (type.startsWith("application/json")) {
    const out = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(out.error), { again: answer.status === 404 });
    return out;
  }
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.arrayBuffer();
}
