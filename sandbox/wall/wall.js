// The wall: asks for the cards, keeps them in step with the sandbox, and sends what people do on their phones.

import { makeCard, updateCard } from "./cards.js";

const body = document.body;
const words = JSON.parse(body.dataset.words);
const wall = document.getElementById("wall");
const find = (id) => document.getElementById(id);
const wanted = { q: "", kind: "", account: "", bot: "", only: body.dataset.only };
const cards = new Map();
let known = null;
let busy = false;
let again = false;

export function say(key, values = {}) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[key] ?? key);
}

function notify(text) {
  const notice = find("notice");
  notice.textContent = text;
  notice.hidden = !text;
}

async function ask(method, path, values) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (values) options.body = JSON.stringify(values);
  const answer = await fetch(`/sandbox/api/${path}`, options);
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error ?? answer.status);
  return found;
}

async function act(method, path, values) {
  try {
    notify("");
    return await ask(method, path, values);
  } catch (problem) {
    notify(say("failed", { why: problem.message }));
    return null;
  }
}

const actions = {
  write: (card, text) =>
    card.kind === "sms"
      ? act("POST", `phones/${encodeURIComponent(card.id)}/send`, { account: card.owner, text })
      : act("POST", `chats/${card.id}/send`, { bot: card.owner, text }),
  press: (card, messageId, data) =>
    act("POST", `chats/${card.id}/press`, { bot: card.owner, message_id: messageId, data }),
  block: (card, blocked) => act("POST", `chats/${card.id}/block`, { bot: card.owner, blocked }),
  say,
};

// Cards keep their place while they are shown, so that nothing moves under a hand; new ones come first.
// One that somebody is writing in stays, however busy the others are.
function show(found) {
  const keys = new Set(found.cards.map((card) => card.key));
  for (const [key, card] of cards) {
    if (!keys.has(key) && !(known && card.input.value)) {
      card.root.remove();
      cards.delete(key);
    }
  }
  const fresh = document.createDocumentFragment();
  const made = [];
  let news = [];
  for (const data of found.cards) {
    let card = cards.get(data.key);
    if (!card) {
      card = makeCard(data, actions);
      cards.set(data.key, card);
      fresh.append(card.root);
      made.push(card);
    }
    news = news.concat(updateCard(card, data, actions, known !== null));
  }
  wall.prepend(fresh);
  for (const card of made) card.talk.scrollTop = card.talk.scrollHeight;
  found.bots.forEach(showCommands);
  showAround(found);
  announce(news);
  known = found;
}

function announce(news) {
  if (news.length === 1) find("news").textContent = `${news[0].name}: ${news[0].text}`;
  else if (news.length) find("news").textContent = say("new_messages", { n: news.length });
}

// A bot's commands are offered where somebody writes to it.
function showCommands(bot) {
  const id = `commands-${bot.id}`;
  let list = find(id);
  if (!list) {
    list = document.createElement("datalist");
    list.id = id;
    body.append(list);
  }
  if (list.options.length !== bot.commands.length) {
    list.replaceChildren(...bot.commands.map((command) => new Option(command, command)));
  }
}

function showAround(found) {
  const empty = find("empty");
  empty.hidden = found.cards.length > 0 || Boolean(wanted.only);
  const searched = wanted.q || wanted.kind || wanted.account || wanted.bot;
  empty.querySelector("h2").textContent = say(searched ? "nothing" : "empty_title");
  empty.querySelector("p").textContent = searched ? "" : `${say("empty_text")} ${location.origin}`;
  if (wanted.only) return;
  const count = say("shown", { shown: found.cards.length, total: found.total });
  const more = found.total > found.cards.length ? ` · ${say("more")}` : "";
  find("count").textContent = found.total ? count + more : "";
  find("faults").hidden = !found.faults;
  find("faults").textContent = say("faults", { n: found.faults });
  showOwners(found);
}

function showOwners(found) {
  const owners = [
    ...found.accounts.map((a) => [`account:${a.id}`, `${say("sms")} · ${a.name}`]),
    ...found.bots.map((b) => [`bot:${b.id}`, `${say("chat")} · ${b.name}`]),
  ];
  const select = find("owner");
  select.parentElement.hidden = found.accounts.length < 2 && found.bots.length < 2;
  const shown = JSON.stringify(owners);
  if (select.dataset.shown === shown) return;
  select.dataset.shown = shown;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...owners.map(([value, name]) => new Option(name, value)));
  select.value = owners.some(([value]) => value === chosen) ? chosen : "";
}

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  do {
    again = false;
    try {
      const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
      show(await ask("GET", `wall?${query}`));
    } catch {
      // The stream of changes says when the sandbox is back; then everything is asked for again.
    }
  } while (again);
  busy = false;
}

function listen() {
  const stream = new EventSource("/sandbox/api/events");
  const link = find("link");
  const tell = (live) => {
    if (!link) return;
    link.dataset.live = String(live);
    link.textContent = say(live ? "live" : "waiting");
  };
  stream.onopen = () => {
    tell(true);
    refresh();
  };
  stream.onmessage = refresh;
  stream.onerror = () => tell(false);
}

function search(change) {
  Object.assign(wanted, change);
  known = null;
  refresh();
}

function connectTools() {
  let pause;
  find("search").addEventListener("input", (event) => {
    clearTimeout(pause);
    pause = setTimeout(() => search({ q: event.target.value }), 150);
  });
  const kinds = document.querySelectorAll(".kinds button");
  for (const button of kinds) {
    button.addEventListener("click", () => {
      for (const other of kinds) other.setAttribute("aria-pressed", String(other === button));
      search({ kind: button.dataset.kind });
    });
  }
  find("owner").addEventListener("change", (event) => {
    const [sort, id] = event.target.value.split(/:(.*)/);
    search({ account: sort === "account" ? id : "", bot: sort === "bot" ? id : "" });
  });
  find("opener").addEventListener("submit", openPhone);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select")) {
      event.preventDefault();
      find("search").focus();
    }
  });
}

async function openPhone(event) {
  event.preventDefault();
  const account = wanted.account || known?.accounts[0]?.id;
  if (!account) {
    notify(say("no_account"));
    return;
  }
  const number = find("number").value.trim();
  if (!(await act("PUT", `phones/${encodeURIComponent(number)}`, { account }))) return;
  event.target.reset();
  find("search").value = number;
  search({ q: number });
}

if (!wanted.only) connectTools();
listen();
