// What a page does beyond its forms: asks before what cannot be undone, counts characters and segments, refreshes counts.
// Every page works without it.
"use strict";

const GSM7 = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const GSM7_TWO = new Set("^{}\\[~]|€\f");

function segmentsOf(text) {
  const plain = [...text].every((one) => GSM7.has(one) || GSM7_TWO.has(one));
  const size = (one) => (plain ? (GSM7_TWO.has(one) ? 2 : 1) : one.length);
  const [single, part] = plain ? [160, 153] : [70, 67];
  let total = 0, segments = 1, used = 0;
  for (const one of text) {
    total += size(one);
    if (used + size(one) > part) { segments += 1; used = 0; }
    used += size(one);
  }
  return total <= single ? 1 : segments;
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

function followLength(area) {
  const counter = document.getElementById(area.dataset.counter);
  const show = () => {
    const text = area.value.replace(/\r\n/g, "\n");
    const segments = segmentsOf((area.dataset.before || "") + text);
    counter.textContent = fill(counter.dataset.words, { characters: [...text].length, segments });
    counter.classList.toggle("counter-over", segments > Number(area.dataset.parts || 99));
  };
  area.addEventListener("input", show);
  show();
}

function askFirst(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.agreed) return;
    event.preventDefault();
    const dialog = document.getElementById("ask");
    dialog.querySelector("p").textContent = form.dataset.confirm;
    dialog.querySelector("[value=yes]").textContent = form.dataset.confirmYes;
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.agreed = "1";
      form.requestSubmit(event.submitter);
    };
    dialog.showModal();
  });
}

function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
}

function showCounts(panel, counts) {
  for (const part of panel.querySelectorAll("[data-count]")) part.textContent = counts[part.dataset.count];
  const bar = panel.querySelector("progress");
  if (bar) { bar.max = Math.max(counts.planned, 1); bar.value = counts.done; }
}

async function followCounts(panel) {
  const began = performance.now();
  try {
    const answer = await fetch(panel.dataset.live, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const counts = await answer.json();
    showCounts(panel, counts);
    if (counts.state !== panel.dataset.state) { window.location.reload(); return; }
    if (counts.over) return;
  } catch { /* the service may be starting again: look once more */ }
  // what is long to count, a run of a million, is not counted all the time
  window.setTimeout(() => followCounts(panel), Math.max(2000, 10 * (performance.now() - began)));
}

function followChoice(field) {
  const show = () => {
    for (const part of document.querySelectorAll(`[data-when^="${field}="]`)) {
      const chosen = document.querySelector(`[name="${field}"]:checked`);
      part.hidden = !chosen || part.dataset.when !== `${field}=${chosen.value}`;
    }
  };
  for (const one of document.querySelectorAll(`[name="${field}"]`)) one.addEventListener("change", show);
  show();
}

document.querySelectorAll("textarea[data-counter]").forEach(followLength);
document.querySelectorAll("form[data-confirm]").forEach(askFirst);
document.querySelectorAll("form[method=post]").forEach(sendOnce);
document.querySelectorAll("[data-live]").forEach((panel) => window.setTimeout(() => followCounts(panel), 1000));
new Set([...document.querySelectorAll("[data-when]")].map((part) => part.dataset.when.split("=")[0])).forEach(followChoice);
document.querySelectorAll("select[data-submit]").forEach((one) => one.addEventListener("change", () => one.form.requestSubmit()));
document.querySelector(".notice-bad[tabindex]")?.focus();
document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.account[open]");
  if (menu && !menu.contains(event.target)) menu.removeAttribute("open");
});

function followMoment(place) {
  const form = place.closest("form");
  let latest = 0;
  const look = async () => {
    const mine = ++latest;
    const asked = new URLSearchParams();
    for (const name of ["when", "date", "time", "festival", "year", "days_before", "festival_time"]) {
      asked.set(name, new FormData(form).get(name) || "");
    }
    try {
      const answer = await fetch(`${place.dataset.moment}?${asked}`, { credentials: "same-origin" });
      if (answer.ok && mine === latest) place.innerHTML = await answer.text();
    } catch { /* the button beside it asks the same */ }
  };
  for (const name of ["when", "date", "time", "festival", "days_before", "festival_time"]) {
    for (const field of form.querySelectorAll(`[name="${name}"]`)) field.addEventListener("change", look);
  }
  form.querySelector('[name="look"]').closest("p").hidden = true;
  form.querySelector('[name="festival"]').addEventListener("change", () => { form.querySelector('[name="year"]').value = ""; });
}

document.querySelectorAll("[data-moment]").forEach(followMoment);
