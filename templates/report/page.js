'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const plot = byId('plot');
  if (plot) zoomable(plot);
  copyable(byId('copying'), byId('copy'), byId('copied'), byId('records'));

  // Places are in per cent of the whole: a view of it moves each of them.
  function zoomable(plot) {
    const span = parseFloat(plot.dataset.span);
    const ticks = plot.querySelectorAll('.tick');
    const first = ticks[0].textContent;
    const places = [];
    for (const element of plot.querySelectorAll('#moving > *')) {
      for (const name of ['x', 'x1', 'x2']) {
        if (element.hasAttribute(name)) places.push([element, name, parseFloat(element.getAttribute(name))]);
      }
    }
    const widths = [...plot.querySelectorAll('#moving > rect')].map((one) => [one, parseFloat(one.getAttribute('width'))]);
    let from = 0, part = 1;

    function words(milliseconds) {
      const units = [[3600000, 'h'], [60000, 'min'], [1000, 's'], [1, 'ms']];
      const [size, name] = units.find(([size]) => milliseconds >= 2 * size) || [1, 'ms'];
      return '+' + (milliseconds / size).toPrecision(4) + ' ' + name;
    }
    function show() {
      part = Math.min(1, Math.max(part, 1e-6));
      from = Math.min(1 - part, Math.max(0, from));
      const place = (old) => (old - from * 100) / part + '%';
      for (const [element, name, old] of places) element.setAttribute(name, place(old));
      for (const [element, old] of widths) element.setAttribute('width', old / part + '%');
      ticks[0].textContent = from === 0 ? first : words(from * span);
      ticks[1].textContent = words((from + part / 2) * span);
      ticks[2].textContent = words((from + part) * span);
    }
    function zoom(factor, at) {
      const wide = Math.min(1, part * factor);
      from += (part - wide) * at;
      part = wide;
      show();
    }
    function move(by) {
      from += part * by;
      show();
    }
    function whole() {
      from = 0;
      part = 1;
      show();
    }

    const actions = {
      in: () => zoom(0.5, 0.5), out: () => zoom(2, 0.5), left: () => move(-0.25), right: () => move(0.25), whole,
    };
    const keys = {'+': 'in', '-': 'out', ArrowLeft: 'left', ArrowRight: 'right', 0: 'whole'};
    for (const id of Object.keys(actions)) byId(id).addEventListener('click', actions[id]);
    byId('tools').hidden = false;
    plot.setAttribute('tabindex', '0');
    plot.addEventListener('keydown', (event) => {
      const action = actions[keys[event.key]];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      action();
      event.preventDefault();
    });
    plot.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      const box = plot.getBoundingClientRect();
      zoom(event.deltaY < 0 ? 0.8 : 1.25, (event.clientX - box.left) / box.width);
      event.preventDefault();
    }, {passive: false});
    let held = null;
    plot.addEventListener('pointerdown', (event) => {
      held = event.clientX;
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener('pointermove', (event) => {
      if (held === null) return;
      move((held - event.clientX) / plot.getBoundingClientRect().width);
      held = event.clientX;
    });
    for (const name of ['pointerup', 'pointercancel']) plot.addEventListener(name, () => { held = null; });
  }

  function copyable(tools, button, status, records) {
    tools.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(records.textContent);
        status.textContent = status.dataset.done;
      } catch {
        getSelection().selectAllChildren(records);
        status.textContent = status.dataset.failed;
      }
    });
  }
})();
