import type { Context } from '../context';
import { h } from '../dom';
import type { FaceVerdict } from './told';

/** What became better: figures, the face over a frame, how well each step went, how far the shapes reach. */
export function verdictOf(studio: Context, found: FaceVerdict): HTMLElement {
  const c = studio.t.calibration;
  const tiles = found.figures.map((figure) => {
    const name = c.figures[figure.key as keyof typeof c.figures] ?? figure.name;
    const [before, after] = [shown(figure.before, figure.unit), shown(figure.after, figure.unit)];
    const word = figure.better ? c.better : before === after ? c.asItWas : c.notBetter;
    return h(
      'div',
      { class: `tile${figure.better ? ' better' : ''}` },
      h('dt', {}, name),
      h('dd', {}, h('s', {}, before), ' → ', after, h('span', { class: 'hint' }, ` ${word}`)),
    );
  });
  const report = URL.createObjectURL(new Blob([found.page], { type: 'text/html' }));
  return h(
    'div',
    { class: 'stack verdict' },
    h('h3', {}, c.verdict),
    h('dl', { class: 'tiles' }, ...tiles),
    h('div', { class: 'sides' }, pictureOf(studio, found.picture), stepsOf(studio, found.qualities)),
    ...reachesOf(studio, found),
    ...found.notes.map((note) => h('p', { class: 'hint' }, note)),
    h('p', {}, h('a', { href: report, target: '_blank', rel: 'noopener' }, c.report)),
  );
}

function pictureOf(studio: Context, png: ArrayBuffer): HTMLElement | null {
  const c = studio.t.calibration;
  if (png.byteLength === 0) return null;
  const source = URL.createObjectURL(new Blob([png], { type: 'image/png' }));
  const image = h('img', { src: source, alt: c.pictureAlt, load: () => URL.revokeObjectURL(source) });
  return h('figure', {}, image, h('figcaption', { class: 'hint' }, c.pictureText));
}

function stepsOf(studio: Context, qualities: Record<string, number>): HTMLElement {
  const c = studio.t.calibration;
  const rows = Object.entries(c.names).map(([step, name]) => {
    const share = qualities[step];
    return row(name, bar([[0, share ?? 0, 'shown']]), share === undefined ? c.notShown : `${Math.round(share * 100)} %`);
  });
  return table(c.wentHow, rows);
}

function reachesOf(studio: Context, { reaches }: FaceVerdict): HTMLElement[] {
  const c = studio.t.calibration;
  if (reaches.length === 0) return [];
  const rows = reaches.map(({ name, rest, before, after }) =>
    row(name, bar([[0, after, 'shown'], [rest, before, 'raw']]), `${before.toFixed(2)} → ${after.toFixed(2)}`),
  );
  return [h('details', {}, h('summary', {}, c.reaches), table(c.reachesText, rows))];
}

function table(caption: string, rows: readonly HTMLElement[]): HTMLElement {
  return h('table', { class: 'judged' }, h('caption', {}, caption), h('tbody', {}, ...rows));
}

function row(name: string, drawing: HTMLElement, value: string): HTMLElement {
  return h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, drawing), h('td', {}, value));
}

/** Pieces (from, to, kind) on a track of 0 to 1. */
function bar(pieces: readonly (readonly [number, number, string])[]): HTMLElement {
  const drawn = pieces.map(([from, to, kind]) => h('i', { class: kind, style: `left: ${100 * from}%; width: ${100 * Math.max(0, to - from)}%` }));
  return h('div', { class: 'meter still', 'aria-hidden': 'true' }, ...drawn);
}

function shown(value: number, unit: string): string {
  return unit === '%' ? `${Math.round(value * 100)} %` : `${value.toFixed(2)}${unit}`;
}
