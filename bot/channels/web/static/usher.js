// The page comes alive: sends without leaving the page, shows what is new, keeps the focus where a person expects it.
// Without this file everything still works, by plain forms.
'use strict';

const body = document.body;
const { base, csrf, room } = body.dataset;
const find = (id) => document.getElementById(id);
const log = find('log');
const scroll = find('scroll');
const composer = find('composer');
const write = find('write');
const dialog = find('dialog');
const isChat = Boolean(log) && !room;
let since = body.dataset.since;
let online = true;
let opener = null;

const RETRIES = [1000, 2000, 4000, 8000, 15000];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const newId = () => (crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(''));
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
const touch = () => matchMedia('(pointer: coarse)').matches;

// ---- Sending. One event has one id, however often it has to be sent. ----

async function post(path, fields) {
  const sent = new URLSearchParams(fields);
  sent.set('since', since);
  if (isChat) sent.set('chat', 'yes');
  if (room && !sent.has('room')) sent.set('showing', room);
  const answer = await fetch(`${base}/${path}`, {
    method: 'POST', body: sent, headers: { Accept: 'application/json', 'X-Csrf': csrf }, credentials: 'same-origin',
  });
  if (answer.status === 204) return {};
  const data = await answer.json();
  if (data.signed_out) location.reload();
  if (!answer.ok) throw Object.assign(new Error('refused'), { status: answer.status, words: data.problem, after: answer.headers.get('Retry-After') });
  return data;
}

// Tries until the server has taken it: a lost connection, a restart and a pause are waited out; a refusal is not.
async function deliver(path, fields, onWait) {
  for (let turn = 0; ; turn += 1) {
    try {
      const data = await post(path, fields);
      if (!data.again) return data;
    } catch (problem) {
      if (problem.status && problem.status < 500 && problem.status !== 429) throw problem;
      onWait(problem.words || '');
      if (problem.after) await wait(problem.after * 1000);
    }
    await Promise.race([wait(RETRIES[Math.min(turn, RETRIES.length - 1)]), new Promise((back) => addEventListener('online', back, { once: true }))]);
  }
}

// ---- Showing. ----

function fragment(html) {
  const holder = document.createElement('template');
  holder.innerHTML = html;
  return holder.content;
}

const nearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
const toEnd = () => { scroll.scrollTo({ top: scroll.scrollHeight, behavior: 'instant' }); const jump = find('jump'); if (jump) jump.hidden = true; };
// A long answer is read from its beginning, so its first line is brought to the top rather than its last to the bottom.
function reveal(item) {
  const behavior = calm() ? 'instant' : 'smooth';
  // What was asked stays above it, where there is room for both.
  const asked = item.previousElementSibling;
  const first = asked?.classList.contains('mine') && asked.offsetHeight < scroll.clientHeight * 0.25 ? asked : item;
  const top = item.offsetHeight > scroll.clientHeight * 0.7 ? first.offsetTop - 12 : scroll.scrollHeight;
  scroll.scrollTo({ top, behavior });
}

function append(item, follow) {
  const days = log.querySelectorAll('[data-day]');
  if (!days.length || days[days.length - 1].dataset.day !== item.dataset.day) {
    log.append(fragment(`<li class="day"><span></span></li>`));
    log.lastElementChild.firstElementChild.textContent = item.dataset.day;
  }
  log.append(item);
  if (follow) reveal(item); else if (find('jump')) find('jump').hidden = false;
}

function showLine({ n, seq, key, html }) {
  const empty = find('empty');
  if (empty) empty.remove();
  const item = fragment(html).firstElementChild;
  const there = find(`m${n}`);
  if (there) {
    if (Number(there.dataset.seq) >= seq) return;
    const focused = there.contains(document.activeElement);
    there.replaceWith(item);
    if (focused) item.focus({ preventScroll: true });
    find('told').textContent = `Changed: ${item.querySelector('.title')?.textContent || ''}`;
    return;
  }
  const pending = log.querySelector(`[data-pending="${CSS.escape(key.split(':').pop())}"]`);
  if (pending) pending.remove();
  const follow = nearEnd() || Boolean(pending) || item.classList.contains('mine');
  append(item, follow);
  if (item.classList.contains('from-usher')) { setTyping(false); markRead(); }
}

function showRoom({ entries, kind, banner, panel, people, open }) {
  const follow = nearEnd();
  for (const { n, html } of entries) {
    if (find(`e${n}`)) continue;
    const item = fragment(html).firstElementChild;
    const mine = item.classList.contains('mine') && log.querySelector('[data-pending]');
    if (mine && mine.querySelector('.bubble').textContent === item.querySelector('.bubble').lastChild.textContent) mine.remove();
    append(item, follow || item.classList.contains('mine'));
  }
  find('room-kind').textContent = kind;
  swap(find('banner'), banner);
  for (const place of document.querySelectorAll('[data-panel]')) swap(place, panel);
  if (open !== Boolean(composer)) location.reload();
  if (find('write-hint')) find('write-hint').textContent = people;
  setTyping(false);
}

// Redraws a part; the focus stays on the same button, or goes to the part where that button is gone.
function swap(place, html) {
  const active = place.contains(document.activeElement) ? document.activeElement : null;
  const name = active && (active.closest('form')?.action.value + active.closest('form')?.value?.value + active.textContent + (active.href || ''));
  place.replaceChildren(fragment(html));
  if (!active) return;
  const same = [...place.querySelectorAll('button, a')].find((one) => one.closest('form')?.action.value + one.closest('form')?.value?.value + one.textContent + (one.href || '') === name);
  if (same) same.focus({ preventScroll: true });
  else { place.tabIndex = -1; place.focus({ preventScroll: true }); }
}

function showSide({ html, total, unread }) {
  swap(find('side-lists'), html);
  const seen = isChat && !document.hidden ? unread : 0;  // it is on the screen already
  if (seen) find('side-lists').querySelector('.row.top .count')?.remove();
  for (const count of document.querySelectorAll('[data-total]')) { count.textContent = total - seen || ''; count.hidden = !(total - seen); }
  setTitle(total - seen);
}
function setTitle(total) { document.title = total ? `(${total}) ${body.dataset.title}` : body.dataset.title; }

function setTyping(on, who) {
  const typing = find('typing');
  if (!typing) return;
  const follow = nearEnd();
  typing.hidden = !on;
  if (on && who && find('typing-who')) find('typing-who').textContent = `${who} is writing`;
  if (on && follow) toEnd();
  clearTimeout(setTyping.timer);
  if (on) setTyping.timer = setTimeout(() => setTyping(false), who ? 5000 : 20000);
}

const SHOW = {
  line: (data) => log && !new URLSearchParams(location.search).has('before') && showLine(data),
  room: (data) => room && showRoom(data),
  side: showSide,
  typing: ({ who }) => (room ? who && setTyping(true, who) : !who && setTyping(true)),
  still_there: () => {},
  gone: () => location.assign(`${base}/`),
  signed_out: () => location.reload(),
};

// What came of something that this page did.
function settle(data, from) {
  for (const { event, data: inner } of data.news || []) SHOW[event]?.(inner);
  if (data.since) since = data.since;
  setTyping(false);
  if (data.home) location.assign(`${base}/home`);
  if (data.form) openForm(data.form, from);
  for (const note of data.notes || []) showNote(note, 'Only you can see this');
  if (!log && !data.form && !data.home) location.assign(`${base}/#write`);
}

function showNote(html, label) {
  const holder = fragment(`<div class="line aside"><div class="said"><p class="who"></p></div></div>`).firstElementChild;
  holder.querySelector('.who').textContent = label;
  holder.querySelector('.said').append(fragment(html));
  (find('notes') || log || scroll).append(holder);
  reveal(holder);
}

// ---- Reading: told to the server once it has really been on the screen. ----

let readTo = 0;
function markRead() {
  if (!isChat || document.hidden || !log.lastElementChild) return;
  const last = Math.max(0, ...[...log.querySelectorAll('[data-n]')].slice(-3).map((item) => Number(item.dataset.n)));
  if (last <= readTo) return;
  readTo = last;
  post('read', { line: last }).then(() => {
    for (const count of document.querySelectorAll('#side-lists .row.top .count')) count.remove();
  }).catch(() => { readTo = 0; });
}
document.addEventListener('visibilitychange', markRead);

// ---- The live stream. The browser reconnects by itself and says what it saw last; where it gives up, we go on. ----

let source = null;
let heard = Date.now();
let pause = 1000;
function listen() {
  const where = new URLSearchParams({ since });
  if (room) where.set('room', room);
  if (isChat) where.set('chat', 'yes');
  source = new EventSource(`${base}/stream?${where}`);
  source.onopen = () => { pause = 1000; heard = Date.now(); setOnline(true); };
  source.onerror = () => {
    setOnline(false);
    if (source.readyState === EventSource.CLOSED) { setTimeout(listen, pause); pause = Math.min(pause * 2, 15000); }
  };
  for (const [name, show] of Object.entries(SHOW)) {
    source.addEventListener(name, (event) => { heard = Date.now(); if (event.lastEventId) since = event.lastEventId; show(JSON.parse(event.data)); });
  }
}
let offlineTimer = null;
function setOnline(now) {
  const banner = find('offline');
  clearTimeout(offlineTimer);
  if (now) {
    if (!online) { find('offline-words').textContent = 'Connected again.'; banner.classList.add('back'); offlineTimer = setTimeout(() => { banner.hidden = true; }, 2500); }
    online = true;
    return;
  }
  // A blink of a connection needs no banner.
  offlineTimer = setTimeout(() => {
    online = false;
    banner.classList.remove('back');
    banner.hidden = false;
    find('offline-words').textContent = 'Not connected. Trying again. What you write here is kept until it is sent.';
  }, navigator.onLine ? 1200 : 0);
}
// An old stream may look open and be dead, so a hint that something changed is a reason to try; so is a long silence.
const again = () => { source?.close(); listen(); };
addEventListener('offline', again);
addEventListener('online', again);
setInterval(() => { if (source.readyState === EventSource.OPEN && Date.now() - heard > 50000) again(); }, 5000);
addEventListener('pagehide', () => source?.close());
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

// ---- Writing. ----

function pendingLine(text, id) {
  find('empty')?.remove();
  const item = fragment('<li class="line mine pending"><div class="said"><p class="who">Sending</p><div class="bubble"></div></div></li>').firstElementChild;
  item.dataset.pending = id;
  item.querySelector('.bubble').textContent = text;
  log.append(item);
  toEnd();
  return item;
}

async function send(form) {
  const fields = Object.fromEntries(new FormData(form));
  if (!fields.text || !fields.text.trim()) return;
  fields.event = newId();
  const item = pendingLine(fields.text, fields.event);
  const say = (words) => { item.querySelector('.who').textContent = words; };
  if (form === composer) { write.value = ''; grow(); }
  if (!room) setTyping(true);
  try {
    const data = await deliver('message', fields, (words) => { setTyping(false); item.classList.add('waiting'); say(words ? `Not sent yet. ${words}` : 'Not sent yet. Trying again.'); });
    settle(data);
    if (item.isConnected) { if (data.unsaved) { say('This could not be kept'); item.classList.remove('pending'); } else item.remove(); }
  } catch (problem) {
    setTyping(false);
    item.classList.add('failed');
    say(`Not sent. ${problem.words || ''}`);
    if (form === composer && !write.value) { write.value = fields.text; grow(); }
  }
}

async function press(form, button) {
  const fields = Object.fromEntries(new FormData(form));
  if (fields.ask && !(await sure(fields.ask))) return;
  fields.event = newId();
  const alert = form.closest('.line, .banner, .panel, .side, .head');
  form.setAttribute('aria-busy', 'true');
  button.setAttribute('aria-disabled', 'true');  // not `disabled`, which would take the focus away
  try {
    const data = await deliver('press', fields, () => { button.classList.add('trying'); });
    if (find('side').matches(':popover-open')) find('side').hidePopover();
    settle(data, button);
  } catch (problem) {
    showNote(`<article class="card tone-info"><h2 class="title"></h2></article>`, 'Only you can see this');
    [...document.querySelectorAll('.aside .title')].pop().textContent = problem.words || 'That did not work. Please try again.';
  } finally {
    button.removeAttribute('aria-disabled');
    button.classList.remove('trying');
    form.removeAttribute('aria-busy');
    if (alert?.isConnected && document.activeElement === body && button.isConnected) button.focus({ preventScroll: true });
  }
}

function sure(words) {
  const box = find('sure');
  find('sure-words').textContent = words;
  box.returnValue = 'no';
  box.showModal();
  return new Promise((done) => box.addEventListener('close', () => done(box.returnValue === 'yes'), { once: true }));
}

// ---- Forms, in a dialog. ----

let changed = false;
function openForm(html, from) {
  opener = from || document.activeElement;
  changed = false;
  dialog.replaceChildren(fragment(html));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  dialog.dataset.event = newId();
  (dialog.querySelector('textarea, input:not([type=hidden]), select') || find('form-title')).focus({ preventScroll: true });
}
function closeForm() {
  dialog.close();
  dialog.replaceChildren();
  if (opener?.isConnected) opener.focus({ preventScroll: true }); else if (!touch()) write?.focus({ preventScroll: true });
}
async function askToClose() {
  if (!changed) { closeForm(); return; }
  const box = find('leave');
  box.returnValue = 'no';
  box.showModal();
  box.addEventListener('close', () => { if (box.returnValue === 'yes') closeForm(); }, { once: true });
}
function showErrors(form, errors, words) {
  for (const field of form.querySelectorAll('[data-field]')) {
    const wrong = errors[field.dataset.field] || '';
    const error = field.querySelector('.error');
    error.textContent = wrong;
    field.classList.toggle('wrong', Boolean(wrong));
    const input = field.matches('fieldset') ? field : field.querySelector('input, textarea, select');
    if (wrong) { input.setAttribute('aria-invalid', 'true'); input.setAttribute('aria-describedby', error.id); } else input.removeAttribute('aria-invalid');
  }
  form.querySelector('.form-problem').textContent = words;
  (form.querySelector('.wrong input, .wrong textarea, .wrong select') || form.querySelector('button')).focus();
}
async function submitForm(form) {
  const button = form.querySelector('[name=send]');
  const sent = new URLSearchParams(new FormData(form));
  sent.set('event', dialog.dataset.event);
  button.setAttribute('aria-disabled', 'true');
  const words = form.querySelector('.form-problem');
  try {
    const data = await deliver('submit', sent, (why) => { words.textContent = `Not sent yet. ${why || 'There is no connection.'} Trying again; leave this open.`; });
    if (Object.keys(data.errors).length) {
      dialog.dataset.event = newId();
      showErrors(form, data.errors, 'Please look at what is marked below.');
    } else { closeForm(); settle(data); }
  } catch (problem) {
    words.textContent = problem.words || 'That was not sent. Please try again.';
    dialog.scrollTo({ top: 0, behavior: 'instant' });
  } finally { button.removeAttribute('aria-disabled'); }
}
dialog.addEventListener('cancel', (event) => { event.preventDefault(); askToClose(); });
dialog.addEventListener('input', () => { changed = true; });
dialog.addEventListener('click', (event) => { if (event.target.closest('[data-close]')) { event.preventDefault(); askToClose(); } });

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.matches('[data-message]')) { event.preventDefault(); if (log) send(form); else form.submit(); }
  else if (form.matches('[data-live]')) { event.preventDefault(); if (form.getAttribute('aria-busy') !== 'true') press(form, event.submitter || form.querySelector('button')); }
  else if (form.matches('[data-submit]') && dialog.contains(form)) { event.preventDefault(); if (!form.querySelector('[name=send][aria-disabled]')) submitForm(form); }
});

// ---- The composer: Enter sends, Shift+Enter makes a new line; on a telephone Enter makes a new line. ----

function grow() { if (write?.tagName === 'TEXTAREA') { write.style.height = 'auto'; write.style.height = `${Math.min(write.scrollHeight + 2, 180)}px`; } }
let lastTyped = 0;
if (composer) {
  write.addEventListener('input', () => {
    grow();
    if (room && write.value && Date.now() - lastTyped > 3000) { lastTyped = Date.now(); post('typing', { room }).catch(() => {}); }
  });
  write.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !touch()) { event.preventDefault(); composer.requestSubmit(); }
  });
}
find('jump')?.addEventListener('click', () => { toEnd(); write?.focus({ preventScroll: true }); });
scroll?.addEventListener('scroll', () => { if (find('jump') && nearEnd()) find('jump').hidden = true; }, { passive: true });

// ---- No pictures, no files: nothing of them is read, let alone sent (clause 71). ----

function refuseFiles() {
  document.querySelectorAll('.warning').forEach((old) => old.remove());
  const warning = find('no-files').content.firstElementChild.cloneNode(true);
  const place = dialog.open ? dialog.querySelector('.form-problem') : log || scroll;
  if (dialog.open) place.after(warning); else place.append(warning);
  if (dialog.open) dialog.scrollTo({ top: 0, behavior: 'instant' }); else reveal(warning);
  warning.focus({ preventScroll: true });
}
const hasFiles = (data) => Boolean(data) && [...data.types].includes('Files');
addEventListener('paste', (event) => { if (hasFiles(event.clipboardData)) { event.preventDefault(); refuseFiles(); } });
addEventListener('dragover', (event) => { if (hasFiles(event.dataTransfer)) { event.preventDefault(); event.dataTransfer.dropEffect = 'copy'; } });
addEventListener('drop', (event) => { if (hasFiles(event.dataTransfer)) { event.preventDefault(); refuseFiles(); } });

// ---- Begin. ----

setTitle(Number(document.querySelector('[data-total]')?.textContent || 0));
// One begins with the newest; where nothing has been said yet, with the beginning.
const fold = find('panel-small');
const unsaid = find('empty') || (fold?.open && fold.offsetParent);
if (log && !unsaid && !location.hash.startsWith('#m')) toEnd();
if (composer && !touch()) write.focus({ preventScroll: true });
if (isChat) markRead();
listen();
