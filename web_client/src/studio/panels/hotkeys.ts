import { select, type Field } from '../controls';
import type { Context } from '../context';
import { h, say } from '../dom';
import type { Truth } from '../truth';

/** Modifiers that few programs use with digits. */
const USUAL = ['ctrl+alt', 'ctrl+shift', 'alt+shift', 'ctrl+alt+shift'];

/** Keys that work while another window has the focus: off, or with which modifiers. */
export class HotkeysBox {
  readonly element: HTMLElement;
  private readonly field: Field;
  private readonly problem = h('p', { class: 'hint', role: 'status' });

  constructor(studio: Context) {
    const { t } = studio;
    const choices = [['', t.hotkeys.off] as const, ...USUAL.map((held) => [held, spelled(held)] as const)];
    this.field = select(t.hotkeys.title, choices, (held) => void studio.act({ do: 'hotkeys', held }), t.hotkeys.text);
    this.element = h('section', { class: 'box stack', 'aria-label': t.hotkeys.title }, this.field.element, h('p', { class: 'hint' }, t.hotkeys.listens), this.problem);
  }

  show({ hotkeys }: Truth): void {
    const box = this.element.querySelector('select')!;
    if (![...box.options].some(({ value }) => value === hotkeys.held)) box.append(h('option', { value: hotkeys.held }, spelled(hotkeys.held)));
    this.field.set(hotkeys.held);
    this.problem.classList.toggle('error', hotkeys.held !== '');
    say(this.problem, hotkeys.problem.charAt(0).toUpperCase() + hotkeys.problem.slice(1));
  }
}

function spelled(held: string): string {
  return held.split('+').map((key) => key.charAt(0).toUpperCase() + key.slice(1)).join(' + ');
}
