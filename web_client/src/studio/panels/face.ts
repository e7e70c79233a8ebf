import { button, h } from '../dom';
import { slider, type Field, toggle } from '../controls';
import type { Context, Panel } from '../context';
import type { Truth, Vitals } from '../truth';
import { words } from './mix';
import { OwnSwitch } from './own';

interface Row {
  element: HTMLElement;
  raw: HTMLElement;
  shown: HTMLElement;
  gain: Field;
  offset: Field;
  now: { gain: number; offset: number };
}

const GROUPS = ['mouth', 'jaw', 'eye', 'brow', 'cheek', 'tongue'] as const;
const GAIN = { least: 0, most: 4, step: 0.05 };
const OFFSET = { least: -1, most: 1, step: 0.02 };

/** Every shape's gain and offset, beside what it reads and shows at the moment. */
export class FacePanel implements Panel {
  readonly element: HTMLElement;
  private readonly rows = new Map<string, Row>();
  private readonly body = h('div', { class: 'stack' });
  private readonly own: OwnSwitch;
  private words = '';
  private changedOnly = false;

  constructor(private readonly studio: Context) {
    const { t } = studio;
    const search = h('input', {
      type: 'search',
      'aria-label': t.face.search,
      placeholder: t.face.search,
      input: () => {
        this.words = search.value.toLowerCase();
        this.sift();
      },
    });
    const changed = toggle(t.face.changed, (on) => {
      this.changedOnly = on;
      this.sift();
    });
    this.own = new OwnSwitch(studio, 'shapes');
    const above = h('div', { class: 'box' }, this.own.element);
    this.element = h('div', { class: 'stack' }, h('p', { class: 'intro' }, t.face.intro), above, h('div', { class: 'row grow' }, search, changed.element), this.body);
  }

  show(truth: Truth): void {
    if (this.rows.size === 0) this.build(truth.names.shapes);
    this.own.show(truth);
    for (const [name, row] of this.rows) {
      row.now = truth.shapes[name] ?? { gain: 1, offset: 0 };
      row.gain.set(row.now.gain);
      row.offset.set(row.now.offset);
      row.element.classList.toggle('changed', name in truth.shapes);
    }
    this.sift();
  }

  tick(vitals: Vitals): void {
    let i = 0;
    for (const name of this.studio.truth().names.shapes) {
      const row = this.rows.get(name)!;
      row.raw.style.transform = `scaleX(${vitals.raw[i] ?? 0})`;
      row.shown.style.transform = `scaleX(${vitals.shown[i] ?? 0})`;
      i += 1;
    }
  }

  private build(shapes: readonly string[]): void {
    const { t } = this.studio;
    for (const group of GROUPS) {
      const own = shapes.filter((name) => groupOf(name) === group);
      const heads = [t.face.gain, t.face.offset].map((word) => h('span', { class: 'hint', 'aria-hidden': 'true' }, word));
      const box = h('section', { class: 'box' }, h('div', { class: 'heads' }, h('h3', {}, t.face.groups[group]), ...heads));
      for (const name of own) {
        const row = this.row(name);
        this.rows.set(name, row);
        box.append(row.element);
      }
      this.body.append(box);
    }
  }

  private row(name: string): Row {
    const { t } = this.studio;
    const send = (change: Partial<Row['now']>): void => {
      row.now = { ...row.now, ...change };
      void this.studio.act({ do: 'shape', name, ...row.now, own: this.own.on });
    };
    const gain = slider(t.face.gain, GAIN, (value) => send({ gain: value }));
    const offset = slider(t.face.offset, OFFSET, (value) => send({ offset: value }));
    for (const [field, word] of [[gain, t.face.gain], [offset, t.face.offset]] as const) {
      field.element.querySelector('input')!.setAttribute('aria-label', `${word}: ${name}`);
    }
    const raw = h('i', { class: 'raw' });
    const shown = h('i', { class: 'shown' });
    const reset = button(t.reset, () => send({ gain: 1, offset: 0 }), 'quiet');
    reset.setAttribute('aria-label', `${t.reset}: ${name}`);
    const element = h(
      'div',
      { class: 'shape', 'data-shape': name },
      h('span', { class: 'name' }, words(name)),
      h('span', { class: 'meter', 'aria-hidden': 'true' }, shown, raw),
      gain.element,
      offset.element,
      reset,
    );
    const row: Row = { element, raw, shown, gain, offset, now: { gain: 1, offset: 0 } };
    return row;
  }

  private sift(): void {
    for (const [name, { element }] of this.rows) {
      const fits = name.toLowerCase().includes(this.words.replace(/ /g, ''));
      element.hidden = !fits || (this.changedOnly && !element.classList.contains('changed'));
    }
    for (const box of this.body.children) {
      (box as HTMLElement).hidden = box.querySelector('.shape:not([hidden])') === null;
    }
  }
}

function groupOf(name: string): (typeof GROUPS)[number] {
  return name.startsWith('nose') ? 'cheek' : (GROUPS.find((group) => name.startsWith(group)) ?? 'mouth');
}
