// Questions to the server on this machine; an error comes as a sentence.
export async function ask(path, body) {
  const answer = await fetch(path, body ? { method: "POST", body: JSON.stringify(body) } : {});
  const type = answer.headers.get("content-type") || "";
  if (type.startsWith("application/json")) {
    const out = await answer.json();
    if (!answer.ok) throw new Error(out.error);
    return out;
  }
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.arrayBuffer();
}
