'use strict';
// The page is drawn when it is built. What is here only chooses: which run, which runtime, which claim. What was
// chosen stands in the address behind the #, so that it can be sent to somebody, and Back undoes it.
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  // What an object itself holds: a name from the address may be that of something every object has.
  const own = (object, name) => (Object.hasOwn(object, name ?? '') ? object[name] : undefined);
  const filters = one('#filters');
  const dialog = one('#evidence');
  document.documentElement.classList.remove('nojs');

  // The theme: the system's, or the reader's choice, kept where the browser allows it.
  const themes = ['system', 'light', 'dark'];
  const button = one('#theme');
  const keep = (theme) => { try { localStorage.setItem('theme', theme); } catch { /* not allowed here */ } };
  const kept = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const wear = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  wear(themes.includes(kept()) ? kept() : 'system');
  button.addEventListener('click', () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    wear(next);
    keep(next);
  });

  // Links within the page move the reader, and leave what was chosen alone.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    const to = link.getAttribute('href').slice(1);
    event.preventDefault();
    if (to.startsWith('open=')) {
      choose({ open: decodeURIComponent(to.slice(5)) });
      return;
    }
    // Closed by what was chosen, and not by Back, which would take the reader back as well.
    if (dialog.open) {
      choose({ open: '' }, true);
      // At once: when it closes, the browser moves the focus.
      dialog.close();
    }
    const target = document.getElementById(to);
    if (target) {
      target.scrollIntoView();
      target.focus({ preventScroll: true });
    }
  });
  if (!filters) return;

  // What is chosen.
  const chosen = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  let opened = false;
  const choose = (changes, replace = false) => {
    const next = new URLSearchParams(Object.entries({ ...chosen(), ...changes }).filter(([, value]) => value));
    const hash = `#${next.toString().replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@')}`;
    if (hash === location.hash || (hash === '#' && !location.hash)) return;
    if (changes.open) opened = true;
    if (replace || hash === '#') {
      // An empty fragment would be the top of the page, and take the reader there.
      const place = hash === '#' ? location.pathname + location.search : hash;
      history[replace ? 'replaceState' : 'pushState'](null, '', place);
      show();
    } else {
      location.hash = hash;
    }
  };

  // What was recorded, as gzip in base64, is unpacked when it is asked for. The page itself holds the first run's parts.
  const runs = new Map(all('script[data-run]').map((script) => [script.dataset.run, script]));
  const first = runs.keys().next().value;
  const machines = new Map(all('option', filters.run).map((option) => [option.value, option.dataset.machine]));
  const html = (id) => one(`#${id}`)?.innerHTML ?? '';
  const held = { chips: html('chips'), grid: html('grid'), cells: html('cells') };
  const machine = html('machine');
  const unpack = async (script) => {
    const bytes = Uint8Array.from(atob(script.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).json();
  };
  const unpacked = new Map();
  const data = (name, script) => {
    if (!unpacked.has(name)) unpacked.set(name, unpack(script));
    return unpacked.get(name);
  };
  const now = { run: first, machine: machines.get(first), picture: null };

  // A run that is not of the machine that was chosen gives way to the machine's newest.
  const pick = (state) => {
    const of = (machine) => [...machines.keys()].find((run) => machines.get(run) === machine);
    const machine = of(state.machine) ? state.machine : null;
    if (runs.has(state.run) && (!machine || machines.get(state.run) === machine)) return state.run;
    return machine && machine !== machines.get(first) ? of(machine) : first;
  };

  let asked = 0;
  const show = async () => {
    const state = chosen();
    const run = pick(state);
    const main = one('#main');
    main.ariaBusy = 'true';
    asked += 1;
    const turn = asked;
    let record;
    let others;
    try {
      record = await data(run, runs.get(run));
      if (run === first) Object.assign(record, held);
      others = await data('', one('#machines'));
    } catch {
      one('#packed').hidden = false;
      return;
    }
    // Something else was chosen meanwhile, and is on its way.
    if (turn !== asked) return;
    if (run !== now.run) {
      one('#chips').innerHTML = record.chips;
      one('#grid').innerHTML = record.grid;
      one('#cells').innerHTML = record.cells;
      for (const place of all('main [data-provenance]')) place.innerHTML = record.provenance;
      now.picture = null;
    }
    const on = machines.get(run);
    if (on !== now.machine) one('#machine').innerHTML = own(others, on) ?? machine;
    now.run = run;
    now.machine = on;
    filters.machine.value = on;
    for (const option of filters.run.options) option.hidden = option.dataset.machine !== on;
    filters.run.value = run;
    for (const name of ['runtime', 'claim', 'scenario']) {
      const known = [...filters[name].options].some((option) => option.value === state[name]);
      filters[name].value = known ? state[name] : '';
    }
    picture(record, state);
    sieve();
    evidence(record, state.open);
    main.ariaBusy = 'false';
  };

  const picture = (record, state) => {
    const does = own(record.first, state.does) ? state.does : 'compute';
    const of = record.first[does];
    const on = record.configs.includes(state.on) ? state.on : record.default;
    for (const input of all('#chips input')) input.checked = input.value === on || input.value === does;
    if (now.picture === `${does} ${on}`) return;
    const untouched = now.picture === null && now.run === first && on === record.default && does === 'compute';
    now.picture = `${does} ${on}`;
    if (!untouched) {
      one('#first').innerHTML = own(of, on) ?? record.note;
    }
  };

  // Filters hide rows and columns.
  const sieve = () => {
    const [runtime, claim, scenario] = ['runtime', 'claim', 'scenario'].map((name) => filters[name].value);
    const off = (wanted, has) => Boolean(wanted) && has !== undefined && has !== wanted;
    for (const part of all('main [data-r], main [data-c]')) {
      const { r, c, s } = part.dataset;
      part.hidden = off(runtime, r) || off(claim, c) || off(scenario, s);
    }
    const rows = all('#cells tbody tr').filter((row) => !row.hidden);
    one('#cells-count').textContent = rows.length;
    if (scenario) one('#cells-box').open = true;
  };

  // The evidence for one claim on one configuration.
  const evidence = (record, open) => {
    const found = open && (own(record.evidence, open) ?? record.elsewhere);
    if (!found) {
      if (dialog.open) dialog.close();
      opened = false;
      return;
    }
    const body = one('#evidence-body');
    body.innerHTML = found;
    for (const place of all('[data-timeline]', body)) place.innerHTML = record.timelines[place.dataset.timeline];
    for (const place of all('[data-provenance]', body)) place.innerHTML = record.provenance;
    for (const details of all('.values', body)) details.addEventListener('toggle', () => tabulate(details));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    one('#evidence-title').focus();
  };
  const tabulate = (details) => {
    if (one('table', details)) return;
    const table = document.createElement('table');
    const heading = table.createTHead().insertRow();
    for (const name of ['block', 'value']) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = name;
      heading.append(cell);
    }
    const rows = table.createTBody();
    for (const pair of details.dataset.values.split(' ')) {
      const row = rows.insertRow();
      for (const text of pair.split(':')) row.insertCell().textContent = text;
    }
    details.append(table);
  };
  dialog.addEventListener('close', () => {
    if (!chosen().open) return;
    // What was opened from here is undone; what came with the address is taken out of it.
    if (opened) history.back();
    else choose({ open: '' }, true);
  });

  filters.addEventListener('change', (event) => {
    const { name, value } = event.target;
    choose(name === 'machine' ? { machine: value, run: '' } : { [name]: value });
  });
  filters.addEventListener('submit', (event) => event.preventDefault());
  one('#clear').addEventListener('click', () => choose({ runtime: '', claim: '', scenario: '' }));
  one('#chips')?.addEventListener('change', (event) => choose({ [event.target.name]: event.target.value }));
  window.addEventListener('hashchange', show);
  show();
})();
