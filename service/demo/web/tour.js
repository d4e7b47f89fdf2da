// The tour page: shows the demo's state every second, moves its clock, does steps on request.
"use strict";

const body = document.body;
const lang = body.dataset.lang;

async function ask(path, method = "GET") {
  const answer = await fetch(`${path}?lang=${lang}`, { method, headers: { "X-Tour": "1" } });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error || answer.status);
  return data;
}

function mark(step) {
  document.getElementById(`step-${step}`).classList.add("done");
}

let opened = false;

function openFirst() {
  const first = document.querySelector("#steps li:not(.done) details");
  document.querySelectorAll("#steps details").forEach((each) => { each.open = each === first; });
  opened = true;
}

function show(state) {
  document.getElementById("now").textContent = state.now;
  document.getElementById("books").textContent = state.books;
  state.done.forEach(mark);
  if (!opened) openFirst();
}

async function look() {
  try {
    show(await ask("/api/state"));
  } catch (error) {
    document.getElementById("books").textContent = "…";
  }
}

function tell(step, words, bad) {
  const said = document.querySelector(`#step-${step} .said`);
  said.textContent = words;
  said.classList.toggle("bad", bad);
}

async function perform(button) {
  const step = button.dataset.do;
  const label = button.textContent;
  document.querySelectorAll(".do").forEach((each) => { each.disabled = true; });
  button.textContent = body.dataset.doing;
  tell(step, "", false);
  try {
    const done = await ask(`/api/do/${step}`, "POST");
    mark(step);
    tell(step, done.said, false);
    if (done.desk) document.querySelector("iframe[name=desk]").src = done.desk;
    openNext(step);
  } catch (error) {
    tell(step, body.dataset.failed + error.message, true);
  }
  button.textContent = label;
  document.querySelectorAll(".do").forEach((each) => { each.disabled = false; });
  look();
}

// A jump of some hours ends the console's session, as it should; here the same person signs in again at once.
function signInAgain() {
  const chosen = document.querySelector(".roles a.on") || document.querySelector(".roles a");
  document.querySelector("iframe[name=desk]").src = chosen.href;
}

function openNext(step) {
  const next = document.getElementById(`step-${step}`).nextElementSibling;
  if (next) next.querySelector("details").open = true;
}

document.querySelectorAll(".do").forEach((button) => button.addEventListener("click", () => perform(button)));
document.querySelectorAll("[data-clock]").forEach((button) => button.addEventListener("click", async () => {
  button.disabled = true;
  await ask(`/api/clock/${button.dataset.clock}`, "POST").catch(() => null);
  button.disabled = false;
  signInAgain();
  look();
}));
document.querySelectorAll(".roles a").forEach((link) => link.addEventListener("click", () => {
  document.querySelectorAll(".roles a").forEach((each) => each.classList.toggle("on", each === link));
}));
document.querySelectorAll(".tabs button").forEach((tab) => tab.addEventListener("click", () => {
  document.getElementById("panes").dataset.shown = tab.dataset.show;
  document.querySelectorAll(".tabs button").forEach((each) => each.setAttribute("aria-selected", String(each === tab)));
}));
setInterval(look, 1000);
look();
