// One card: a phone or a chat. Everything from outside goes in as text, never as markup.

const FORMATS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  spoiler: "span",
  text_link: "u",
  blockquote: "i",
};
const BAD = new Set(["undelivered", "failed"]);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function makeCard(data, actions) {
  const root = make("article", `card ${data.kind}`);
  const top = make("header", "top");
  const face = make("span", "face");
  face.setAttribute("aria-hidden", "true");
  const who = make("div", "who");
  const name = make("h2");
  const line = make("p");
  who.append(name, line);
  const tag = make("span", "tag", actions.say(data.kind));
  top.append(face, who, tag);
  const state = make("p", "state");
  const talk = make("div", "talk");
  talk.setAttribute("role", "log");
  talk.setAttribute("aria-live", "off");
  talk.tabIndex = 0;
  const toast = make("p", "toast");
  toast.setAttribute("role", "status");
  const card = { root, top, face, name, line, state, talk, toast, said: new Map(), shown: "" };
  root.append(top, talk, toast, state, makeWriter(card, data, actions));
  if (data.kind === "chat") top.append(makeBlocker(card, actions));
  return card;
}

function makeWriter(card, data, actions) {
  const form = make("form", "write");
  const input = make("input");
  input.autocomplete = "off";
  input.enterKeyHint = "send";
  input.placeholder = actions.say(`write_${data.kind}`);
  if (data.kind === "chat") input.setAttribute("list", `commands-${data.owner}`);
  const send = make("button", "", actions.say("send"));
  send.type = "submit";
  form.append(input, send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value;
    if (!text.trim()) return;
    input.value = "";
    if (!(await actions.write(card.data, text))) input.value = input.value || text;
  });
  card.input = input;
  return form;
}

function makeBlocker(card, actions) {
  const button = make("button", "quiet");
  button.type = "button";
  button.addEventListener("click", () => actions.block(card.data, !card.data.blocked));
  card.blocker = button;
  return button;
}

// Returns what was newly said to the person, for the announcement.
export function updateCard(card, data, actions, telling) {
  const shown = JSON.stringify(data);
  if (shown === card.shown) return [];
  card.shown = shown;
  card.data = data;
  const { talk } = card;
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
  showTop(card, data, actions);
  const fresh = showTalk(card, data, actions);
  if (atEnd) talk.scrollTop = talk.scrollHeight;
  if (telling && fresh.length) {
    card.root.classList.add("fresh");
    setTimeout(() => card.root.classList.remove("fresh"), 2500);
  }
  const name = data.name || data.id;
  return telling ? fresh.map((message) => ({ name, text: message.text })) : [];
}

function showTop(card, data, actions) {
  const name = data.name || data.id;
  card.name.textContent = name;
  card.line.textContent = data.name ? data.id : "";
  card.face.textContent = data.name ? [...data.name][0] : data.id.slice(-2);
  card.root.setAttribute("aria-label", `${actions.say(data.kind)} ${name}`);
  card.talk.setAttribute("aria-label", name);
  card.input.setAttribute("aria-label", actions.say("write_to", { name }));
  card.state.hidden = !(data.opted_out || data.blocked);
  card.state.textContent = actions.say(data.blocked ? "blocked" : "opted_out");
  if (card.blocker) card.blocker.textContent = actions.say(data.blocked ? "unblock" : "block");
  card.toast.hidden = !data.toast?.text;
  card.toast.textContent = data.toast?.text ?? "";
}

function showTalk(card, data, actions) {
  const { talk, said } = card;
  const fresh = [];
  const nodes = [];
  let day = "";
  if (data.hidden) nodes.push(make("p", "hint", actions.say("earlier", { n: data.hidden })));
  if (!data.messages.length) nodes.push(make("p", "hint", actions.say("no_messages")));
  const keys = new Set();
  for (const message of data.messages) {
    const when = dayOf(message.at);
    if (when !== day) {
      day = when;
      nodes.push(make("p", "day", when));
    }
    const key = String(message.sid ?? message.message_id);
    keys.add(key);
    const old = said.get(key);
    const text = JSON.stringify(message);
    if (old?.text !== text) {
      said.set(key, { text, node: makeSaid(card, message, actions) });
      if (!old && message.direction === "in") fresh.push(message);
    }
    nodes.push(said.get(key).node);
  }
  for (const key of said.keys()) if (!keys.has(key)) said.delete(key);
  replaceKeepingFocus(talk, nodes);
  return fresh;
}

// Nodes that stay are not taken out, so that a focused button keeps its focus.
function replaceKeepingFocus(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}

function makeSaid(card, message, actions) {
  const node = make("div", `said ${message.direction}`);
  const bubble = make("p", "bubble");
  bubble.append(...formatted(message.text, message.entities ?? []));
  if (card.data.lang) bubble.lang = card.data.lang;
  node.append(bubble);
  const rows = message.reply_markup?.inline_keyboard ?? message.reply_markup?.keyboard;
  if (rows?.length) node.append(makeKeys(card, message, rows, actions));
  node.append(makeMeta(message, actions));
  return node;
}

// Times are those of the zone that `?tz=` names, else of this computer.
const zone = document.body.dataset.tz || undefined;
const dayOf = (at) => new Date(at).toLocaleDateString(document.documentElement.lang, { month: "short", day: "numeric", timeZone: zone });
const timeOf = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });

function makeMeta(message, actions) {
  const meta = make("div", "meta");
  const at = make("time", "", timeOf(message.at));
  at.dateTime = message.at;
  meta.append(at);
  if (message.edited) meta.append(make("span", "", actions.say("edited")));
  if (message.segments) meta.append(make("span", "", actions.say("segments", { n: message.segments })));
  if (message.sid) meta.append(makeState(message, actions));
  if (message.webhook_status && (message.webhook_status < 200 || message.webhook_status > 299)) {
    meta.append(make("span", "bad", actions.say("refused", { status: message.webhook_status })));
  }
  return meta;
}

function makeState(message, actions) {
  const kind = BAD.has(message.status) ? "bad" : message.status === "delivered" ? "done" : "";
  const code = message.error_code ? ` ${message.error_code}` : "";
  return make("span", kind, actions.say(`state_${message.status}`) + code);
}

function makeKeys(card, message, rows, actions) {
  const keys = make("div", "keys");
  for (const row of rows) {
    const line = make("div");
    for (const item of row) line.append(makeKey(card, message, item, actions));
    keys.append(line);
  }
  return keys;
}

function makeKey(card, message, item, actions) {
  const label = typeof item === "string" ? item : item.text;
  const button = make("button", "", label);
  button.type = "button";
  const inline = Boolean(message.reply_markup.inline_keyboard);
  if (inline && item.callback_data === undefined) {
    button.disabled = true;
    button.title = item.url ?? "";
    return button;
  }
  button.addEventListener("click", () =>
    inline ? actions.press(card.data, message.message_id, item.callback_data) : actions.write(card.data, label),
  );
  return button;
}

// Entities count UTF-16 units, as JavaScript strings do; nested ones are formatted inside out.
function formatted(text, entities, start = 0, end = text.length) {
  const nodes = [];
  let at = start;
  const inside = entities.filter((e) => FORMATS[e.type] && e.offset >= start && e.offset + e.length <= end);
  while (inside.length) {
    const entity = inside.shift();
    if (entity.offset < at) continue;
    nodes.push(text.slice(at, entity.offset));
    const node = make(FORMATS[entity.type], entity.type === "spoiler" ? "spoiler" : "");
    const stop = entity.offset + entity.length;
    node.append(...formatted(text, inside.filter((e) => e.offset + e.length <= stop), entity.offset, stop));
    nodes.push(node);
    at = stop;
  }
  nodes.push(text.slice(at, end));
  return nodes;
}
