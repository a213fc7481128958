// How are the job queues doing right now? Asks every two seconds; when the answer fails it says since when it knows nothing.
const EVERY = 2000;
const NOBODY = "00000000-0000-0000-0000-000000000000";
const find = (id) => document.getElementById(id);

function showQueues(queues) {
  for (const queue of queues) {
    const row = document.querySelector(`[data-queue="${queue.name}"]`);
    for (const cell of row?.querySelectorAll("[data-figure]") ?? []) {
      cell.textContent = queue[cell.dataset.figure];
    }
    row?.classList.toggle("dead", queue.dead > 0);
    row?.classList.toggle("late", queue.oldest_seconds > 60);
  }
}

function showDead(jobs) {
  const known = [...find("dead").rows].map((row) => row.dataset.job).join();
  if (known === jobs.map((job) => job.id).join()) return; // keeps the focus of who is about to press a button
  find("dead").replaceChildren(...jobs.map(deadRow));
  find("none").hidden = jobs.length > 0;
  find("dead-table").hidden = jobs.length === 0;
}

function deadRow(job) {
  const row = document.createElement("tr");
  row.dataset.job = job.id;
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = job.name;
  row.append(head);
  for (const [text, kind] of [[job.queue, ""], [job.error, ""], [job.attempts, "n"], [job.at, ""]]) {
    const cell = row.insertCell();
    cell.textContent = text;
    cell.className = kind;
  }
  const retry = find("retry");
  if (retry) {
    const form = retry.content.cloneNode(true).firstElementChild;
    form.action = form.action.replace(NOBODY, job.id);
    for (const button of form.querySelectorAll("button")) {
      if (button.hasAttribute("formaction")) button.formAction = button.formAction.replace(NOBODY, job.id);
      button.querySelector(".unseen").textContent = ` ${job.name} ${job.id}`;
    }
    row.insertCell().append(form);
  }
  return row;
}

async function look() {
  try {
    const answer = await fetch(document.body.dataset.source, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    const figures = await answer.json();
    showQueues(figures.queues);
    showDead(figures.dead);
    find("at").dateTime = figures.at;
    find("at").textContent = new Date(figures.at).toLocaleTimeString();
    document.body.classList.remove("old");
  } catch {
    document.body.classList.add("old");
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
