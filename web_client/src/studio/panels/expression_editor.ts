import { line, select, slider, toggle, type Field } from '../controls';
import type { Context } from '../context';
import { h } from '../dom';
import type { Expression, Truth } from '../truth';
import { Mix } from './mix';

const REGIONS = ['brows', 'eyes', 'mouth', 'cheeks'] as const;
const DIGITS = ['', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const FADE = { least: 0, most: 2, step: 0.05 };
/** The choice that is no preset. */
const OWN = 'own mix';

/** All that can be said of one expression. It is brought up to date, not made anew, so that a slider can be held. */
export class ExpressionEditor {
  readonly element: HTMLElement;
  private readonly fields: [Field, (expression: Expression) => string | number | boolean][] = [];
  private readonly mix: Mix;
  private readonly mixed: HTMLElement;
  private readonly avatars: HTMLElement;
  private now: Expression;
  /** Whether shapes are mixed, though there may be none yet. */
  private mixing: boolean;

  /** @param put Is told what is to be another, and returns whether that can be */
  constructor(
    private readonly studio: Context,
    expression: Expression,
    names: Truth['names'],
    private readonly put: (change: Partial<Expression>) => void,
  ) {
    this.now = expression;
    this.mixing = hasMix(expression);
    const { t } = studio;
    this.mix = new Mix(studio, names.shapes, (shapes) => put({ shapes }), () => void studio.act({ do: 'take_face', name: this.now.name }));
    const presets = names.presets.map((preset) => [preset, presetWords(studio, preset)] as const);
    const none = ['', t.expressions.none] as const;
    const face = select(t.expressions.preset, [none, [OWN, t.expressions.own], ...presets], (value) => this.face(value));
    const stands = select(t.expressions.stands, [none, ...presets], (preset) => put({ preset }), t.expressions.standsText);
    const avatar = select(t.expressions.avatar, [none], (value) => put({ avatar: value }), t.expressions.avatarText);
    this.mixed = h('div', { class: 'stack' }, this.mix.element, this.add(stands, ({ preset }) => preset));
    this.avatars = this.add(avatar, (one) => one.avatar);
    this.element = h(
      'div',
      { class: 'settings' },
      this.add(line(t.expressions.name, (name) => put({ name })), ({ name }) => name),
      this.add(select(t.expressions.key, DIGITS.map((key) => [key, key || t.expressions.noKey] as const), (key) => put({ key })), ({ key }) => key),
      this.add(select(t.expressions.mode, [['', t.expressions.toggle], ['hold', t.expressions.hold]], (mode) => put({ hold: mode === 'hold' })), ({ hold }) => (hold ? 'hold' : '')),
      this.add(slider(t.expressions.fade, FADE, (fade) => put({ fade })), ({ fade }) => fade),
      this.add(face, ({ preset }) => (this.mixing ? OWN : preset)),
      this.mixed,
      this.avatars,
      this.regions(),
    );
    this.show(expression);
  }

  show(expression: Expression): void {
    if (hasMix(expression)) this.mixing = true;
    else if (expression.preset !== this.now.preset) this.mixing = false;
    this.now = expression;
    this.mixed.hidden = !this.mixing;
    this.mix.show(expression.shapes);
    this.offer();
    for (const [field, value] of this.fields) field.set(value(expression));
  }

  /** Offers what the avatar on stage has, and what the expression names even if this avatar lacks it. */
  offer(): void {
    const own = this.studio.stage()?.expressions() ?? [];
    const names = own.includes(this.now.avatar) || this.now.avatar === '' ? own : [...own, this.now.avatar];
    const box = this.avatars.querySelector('select')!;
    if ([...box.options].slice(1).map(({ value }) => value).join('\n') === names.join('\n')) return;
    box.replaceChildren(box.options[0]!, ...names.map((name) => h('option', { value: name }, name)));
    box.value = this.now.avatar;
  }

  private add(field: Field, value: (expression: Expression) => string | number | boolean): HTMLElement {
    this.fields.push([field, value]);
    return field.element;
  }

  private face(value: string): void {
    this.mixing = value === OWN;
    this.mixed.hidden = !this.mixing;
    if (!this.mixing) this.put({ preset: value, shapes: {} });
  }

  private regions(): HTMLElement {
    const { t } = this.studio;
    const toggles = REGIONS.map((region) => {
      const field = toggle(t.expressions.regions[region], (on) => {
        this.put({ over: REGIONS.filter((other) => (other === region ? on : this.now.over.includes(other))) });
      });
      return this.add(field, ({ over }) => over.includes(region));
    });
    return h('fieldset', {}, h('legend', {}, t.expressions.over), ...toggles);
  }
}

/** A preset's name in the language of the page. */
export function presetWords(studio: Context, preset: string): string {
  return (studio.t.presets as Record<string, string>)[preset] ?? preset;
}

function hasMix({ shapes }: Expression): boolean {
  return Object.keys(shapes).length > 0;
}
