"""The policies of a page in words: what each does, on what evidence, what can go wrong, with which settings."""

import inspect
import re

from abm.page import escape, paragraphs
from abm.report import settings
from abm.summary.numbers import words
from experiments.compare.result import Hide, Result

PARTS = ("Mechanism", "Evidence", "Expected sign", "What can go wrong")


def told(policy) -> dict[str, str]:
    """The parts of a policy's docstring; "" is what stands before the first of them."""
    text = " ".join((inspect.getdoc(type(policy)) or "").split())
    pieces = re.split(rf"\b({'|'.join(PARTS)})\b[^:.]{{0,40}}:\s*", text)
    return {"": pieces[0].strip()} | {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}


def entry(policy, hide: Hide) -> str:
    """Term and description of one policy as it was run."""
    parts, lines = told(policy), []
    first = re.split(r"(?<=\.)\s", parts[""], maxsplit=1)[0]
    until = f"to year {policy.end}" if policy.end else "to the last year in force"
    when = f"In year {policy.end}" if policy.end == policy.start else f"From year {policy.start} {until}"
    lines.append(f"{first} {when}. {hide(settings(policy))}".strip())
    lines += [f"{name}: {parts[name]}" for name in ("Evidence", "What can go wrong") if name in parts]
    if policy.assumed:
        lines.append(f"Rests on assumption: {', '.join(policy.assumed)}.")
    if any("detection" in lever for lever in policy.levers if lever.startswith("households.")):
        lines.append(
            "Warning: it changes who is detected; figures on detected pupils are not comparable with the baseline's."
        )
    body = paragraphs(lines)
    return f"<dt>{escape(words(policy.kind))}</dt><dd>{body}</dd>"


def policies(r: Result) -> str:
    """All futures that are no part of a bundle, each with its policies; of one policy at several intensities the full one."""
    arms = {arm.name: arm for arm in r.plan.arms}
    out = []
    for row in r.full:
        arm = arms[row.arm]
        text = " ".join(r.hide(arm.description).split())
        about = paragraphs([text] if text else [])
        inner = "".join(entry(policy, r.hide) for policy in arm.policies)
        out.append(f"<h3>{escape(r.title(row))}</h3>{about}<dl>{inner}</dl>")
    return "".join(out)
