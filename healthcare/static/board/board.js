// How does the board stay true while several desks click? It asks every three seconds and replaces the parts that changed.
//
// Without this file every click is a form that loads the page anew. What somebody is typing, has opened or stands on stays.
const EVERY = 3000;
const SAID_FOR = 8000; // what went well; what did not stays until it is closed or something else is said
const find = (id) => document.getElementById(id);
const desk = document.querySelector(".desk[data-now]");
const board = find("board");
let tag = board.dataset.tag;
let asked = 0; // the newest question: an older answer must not undo a newer one
let seenAt = new Date();
let timer;
let calm;

async function look() {
  clearTimeout(timer);
  const question = ++asked;
  try {
    const answer = await fetch(desk.dataset.now, {
      headers: { "If-None-Match": `"${tag}"`, "X-Requested-With": "fetch" },
      cache: "no-store",
      redirect: "manual",
    });
    if (answer.type === "opaqueredirect" || answer.status === 403) return location.reload(); // signed out, or the role ended
    if (answer.status !== 200 && answer.status !== 304) throw new Error(answer.status);
    const html = answer.status === 200 ? await answer.text() : "";
    if (question !== asked) return;
    if (html) {
      show(html);
      tag = answer.headers.get("ETag").replaceAll('"', "");
    }
    seenAt = new Date();
    find("old").hidden = true;
  } catch {
    if (question === asked && find("old").hidden) {
      find("old").textContent = `No connection. The board is as of ${seenAt.toLocaleTimeString()}.`;
      find("old").hidden = false;
    }
  }
  if (question === asked) timer = setTimeout(look, EVERY);
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const kept = remember();
  const news = [...fresh.querySelectorAll("[data-part]")];
  const ids = new Set(news.map((part) => part.id));
  for (const gone of board.querySelectorAll("[data-part]")) if (!ids.has(gone.id)) gone.remove();
  for (const part of news) {
    const old = find(part.id);
    if (!old) find("cards").append(document.adoptNode(part)); // where it stands on the next page load, is for the server
    else if (old.dataset.part !== part.dataset.part) {
      old.replaceChildren(...part.childNodes);
      old.dataset.part = part.dataset.part;
    }
  }
  restore(kept);
}

function remember() {
  const fields = [...board.querySelectorAll("input[id], select[id]")];
  return {
    focus: board.contains(document.activeElement) ? document.activeElement : null,
    row: document.activeElement?.closest("li[id]")?.id,
    part: document.activeElement?.closest("[data-part]")?.id,
    open: [...board.querySelectorAll("details[open]")].map((one) => one.id),
    values: fields.map((field) => [field.id, field.value]),
  };
}

function restore({ focus, row, part, open, values }) {
  for (const id of open) if (find(id)) find(id).open = true;
  for (const [id, value] of values) {
    const field = find(id);
    if (!field || field.value === value) continue;
    if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value)) field.value = value;
  }
  if (!focus || document.contains(focus)) return;
  const next = find(focus.id) || find(row) || find(part)?.querySelector("button:not(:disabled), summary");
  next?.focus({ preventScroll: true });
}

function say(text, fault) {
  const told = find("told");
  told.classList.toggle("fault", fault);
  told.setAttribute("role", fault ? "alert" : "status");
  told.firstElementChild.textContent = text;
  told.hidden = !text;
  clearTimeout(calm);
  if (!fault) calm = setTimeout(() => (told.hidden = true), SAID_FOR);
}

async function send(form) {
  const fields = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: fields,
    redirect: "manual",
  });
  if (answer.type === "opaqueredirect") return location.reload();
  const told = await answer.json();
  if (answer.ok) {
    say("quiet" in form.dataset ? "" : told.said, false); // a call is said by the line that shows it
    form.reset();
    form.closest("details")?.removeAttribute("open");
  } else {
    const causes = (told.reasons || []).map((reason) => reason.detail).filter((detail) => detail !== told.detail);
    say([told.detail, ...causes].join(" "), true);
  }
}

board.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  if ("busy" in form.dataset) return; // a double click is one click
  form.dataset.busy = "";
  try {
    await send(form);
    await look();
  } catch {
    say("This click did not arrive. Look at the board, then try again.", true);
  } finally {
    delete form.dataset.busy;
  }
});

board.addEventListener("keydown", (event) => {
  const box = event.target.closest("details[open]");
  if (event.key !== "Escape" || !box) return;
  box.open = false;
  box.querySelector("summary").focus();
});

find("told-close").addEventListener("click", () => say("", false));
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
timer = setTimeout(look, EVERY);
