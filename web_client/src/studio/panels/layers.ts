import { Settings } from '../controls';
import type { Context } from '../context';
import { button, h } from '../dom';
import type { Truth } from '../truth';

const BODY = ['head', 'eyes', 'face', 'body', 'hands'] as const;
type BodyPart = (typeof BODY)[number];

/** One source and what of the body it may give; `text` is as after --source. */
interface Layer {
  body: readonly BodyPart[];
  text: string;
}

/** Several sources together: which, in which order, and what of the body each gives. */
export class LayersBox {
  readonly element: HTMLElement;
  private readonly list = h('ol', { class: 'stack layers' });
  private layers: readonly Layer[] = [];
  private settings: [string, Settings][] = [];
  private known = '';

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.element = h('section', { class: 'box stack', 'aria-label': t.layers.title }, h('h3', {}, t.layers.title), h('p', { class: 'hint' }, t.layers.text), this.list, this.adder());
  }

  show(truth: Truth): void {
    const given = truth.run.sources.length > 0 ? truth.run.sources : [truth.run.source || 'camera'];
    if (given.join('\n') !== this.known) {
      this.known = given.join('\n');
      this.layers = given.map(read);
      this.settings = [];
      this.list.replaceChildren(...this.layers.map((layer, i) => this.row(layer, i)));
    }
    for (const [name, settings] of this.settings) {
      const part = this.studio.parts.source.find((candidate) => candidate.name === name);
      settings.show(name, part?.settings ?? [], truth.settings[`source.${name}`] ?? {});
    }
  }

  private row(layer: Layer, i: number): HTMLElement {
    const { t } = this.studio;
    const several = this.layers.length > 1;
    const replaced = (change: Layer): Layer[] => this.layers.map((other, k) => (k === i ? change : other));
    const chips = BODY.map((part) => {
      const on = layer.body.includes(part);
      const chip = button(t.layers.body[part], () => this.send(replaced({ ...layer, body: BODY.filter((one) => (one === part ? !on : layer.body.includes(one))) })), 'chip plain');
      chip.setAttribute('aria-pressed', String(on));
      chip.disabled = on && layer.body.length === 1;
      return chip;
    });
    const act = (word: string, sign: string, press: () => void, useless: boolean): HTMLButtonElement => {
      const one = button(sign, press, 'quiet');
      one.setAttribute('aria-label', `${word}: ${layer.text}`);
      one.disabled = useless;
      return one;
    };
    const moves = [
      act(t.layers.earlier, '↑', () => this.send(moved(this.layers, i, i - 1)), i === 0),
      act(t.layers.later, '↓', () => this.send(moved(this.layers, i, i + 1)), i === this.layers.length - 1),
      act(t.remove, '×', () => this.send(this.layers.filter((_, k) => k !== i)), false),
    ];
    const group = h('div', { class: 'row', role: 'group' }, ...chips);
    group.setAttribute('aria-label', `${t.layers.gives}: ${layer.text}`);
    return h(
      'li',
      { class: 'stack', 'data-layer': layer.text },
      h('div', { class: 'row spread' }, h('strong', {}, layer.text), several ? h('span', { class: 'row' }, ...moves) : null),
      several ? group : null,
      i === 0 ? null : this.own(layer.text),
    );
  }

  /** The settings of one that lies over the first, whose settings the panel shows below. */
  private own(text: string): HTMLElement {
    const { t } = this.studio;
    const name = text.split(':')[0]!;
    const settings = new Settings((key, value) => void this.studio.act({ do: 'set', section: `source.${name}`, key, value }));
    this.settings.push([name, settings]);
    return h('details', {}, h('summary', { 'aria-label': `${t.camera.settings}: ${text}` }, t.camera.settings), settings.element);
  }

  private adder(): HTMLElement {
    const { t, parts } = this.studio;
    const usable = parts.source.filter((part) => !part.missing && part.name !== 'video');
    const source = h('select', { 'aria-label': t.layers.over }, ...usable.map((part) => h('option', { value: part.name }, part.text.split(/[:.]/)[0] ?? part.name)));
    source.value = 'vmc';
    const port = h('input', { type: 'text', 'aria-label': `${t.layers.over}: ${t.camera.appPort}`, placeholder: t.camera.appPort });
    const add = button(t.layers.over, () => {
      const text = port.value.trim() ? `${source.value}:${port.value.trim()}` : source.value;
      this.send([...this.layers, { body: BODY, text }]);
    });
    return h('div', { class: 'row grow' }, source, port, add);
  }

  private send(layers: readonly Layer[]): void {
    void this.studio.act({ do: 'sources', sources: layers.map(write) });
  }
}

function read(given: string): Layer {
  const [, named, text] = /^([a-z]+(?:,[a-z]+)*)=(.*)$/.exec(given) ?? [];
  if (named === undefined || text === undefined) return { body: BODY, text: given };
  return { body: BODY.filter((part) => named.split(',').includes(part)), text };
}

function write({ body, text }: Layer): string {
  return body.length === BODY.length ? text : `${body.join(',')}=${text}`;
}

function moved(layers: readonly Layer[], from: number, to: number): Layer[] {
  const order = [...layers];
  order.splice(to, 0, ...order.splice(from, 1));
  return order;
}
