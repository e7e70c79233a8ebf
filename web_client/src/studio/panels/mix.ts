import { slider, spoken, type Field } from '../controls';
import type { Context } from '../context';
import { button, h, unique } from '../dom';

const WEIGHT = { least: 0, most: 1, step: 0.01 };
/** What a shape that is added weighs at first. */
const FIRST = 0.5;

/** A mix of ARKit shapes: those in it with their weights, and a searchable list of the others. */
export class Mix {
  readonly element: HTMLElement;
  private readonly list = h('div', { class: 'settings' });
  private readonly search: HTMLInputElement;
  private readonly options = h('datalist', { id: unique() });
  private readonly fields = new Map<string, { field: Field; row: HTMLElement }>();
  private weights: Readonly<Record<string, number>> = {};

  /**
   * @param names The shapes there are
   * @param change Is told the whole mix
   * @param take Asks for the performer's own face of now
   */
  constructor(
    private readonly studio: Context,
    private readonly names: readonly string[],
    private readonly change: (weights: Record<string, number>) => void,
    take: () => void,
  ) {
    const { t } = studio;
    this.search = h('input', {
      type: 'text',
      list: this.options.id,
      placeholder: t.expressions.addShape,
      'aria-label': t.expressions.addShape,
      autocomplete: 'off',
      spellcheck: 'false',
      input: () => this.add(false),
      change: () => this.add(true),
    });
    this.element = h(
      'div',
      { class: 'stack mix', role: 'group', 'aria-label': t.expressions.own },
      h('div', { class: 'row spread' }, button(t.expressions.take, take), button(t.expressions.clear, () => this.send({}), 'quiet')),
      this.list,
      this.search,
      this.options,
    );
  }

  show(weights: Readonly<Record<string, number>>): void {
    this.weights = weights;
    const inMix = this.names.filter((name) => name in weights);
    if (inMix.join() !== [...this.fields.keys()].join()) this.rebuild(inMix);
    for (const [name, { field }] of this.fields) field.set(weights[name] ?? 0);
  }

  private rebuild(inMix: readonly string[]): void {
    const kept = new Map(this.fields);
    this.fields.clear();
    for (const name of inMix) this.fields.set(name, kept.get(name) ?? this.row(name));
    // Rows that stay are not taken out and put in again: a slider that is held would be let go.
    for (const [name, { row }] of kept) if (!this.fields.has(name)) row.remove();
    [...this.fields.values()].forEach(({ row }, i) => {
      if (this.list.children[i] !== row) this.list.insertBefore(row, this.list.children[i] ?? null);
    });
    this.options.replaceChildren(...this.names.filter((name) => !inMix.includes(name)).map((name) => h('option', { value: words(name) })));
  }

  private row(name: string): { field: Field; row: HTMLElement } {
    const { t } = this.studio;
    const field = slider(words(name), WEIGHT, (weight) => this.send({ ...this.weights, [name]: weight }));
    const drop = button('×', () => this.send(Object.fromEntries(Object.entries(this.weights).filter(([other]) => other !== name))), 'quiet');
    drop.setAttribute('aria-label', `${t.remove}: ${words(name)}`);
    field.element.append(drop);
    return { field, row: h('div', { class: 'mixed', 'data-mixed': name }, field.element) };
  }

  /** @param done Whether the user has finished typing: then the only shape that fits will do */
  private add(done: boolean): void {
    const typed = this.search.value.trim().toLowerCase();
    if (typed === '') return;
    const free = this.names.filter((name) => !(name in this.weights));
    const fits = free.filter((name) => words(name).toLowerCase().includes(typed) || name.toLowerCase() === typed);
    const found = free.find((name) => words(name).toLowerCase() === typed || name.toLowerCase() === typed) ?? (done && fits.length === 1 ? fits[0] : undefined);
    if (found === undefined) return;
    this.search.value = '';
    this.send({ ...this.weights, [found]: FIRST });
  }

  private send(weights: Record<string, number>): void {
    this.show(weights);
    this.change(weights);
  }
}

/** `mouthSmileLeft` as people read it. */
export function words(name: string): string {
  return spoken(name.replace(/([A-Z])/g, ' $1').toLowerCase());
}
