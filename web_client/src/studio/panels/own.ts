import { toggle, type Field } from '../controls';
import type { Context } from '../context';
import { say } from '../dom';
import type { Truth } from '../truth';

type What = 'shapes' | 'following';

/** The switch that makes some settings those of the avatar on stage alone. Off again, they are the common ones. */
export class OwnSwitch {
  readonly element: HTMLElement;
  /** Whether what is changed now is changed for this avatar alone. */
  on = false;
  private readonly field: Field;
  private avatar = '';

  constructor(
    private readonly studio: Context,
    private readonly what: What,
  ) {
    const { t } = studio;
    this.field = toggle(t.own.title, (on) => this.turn(on), ' ');
    this.element = this.field.element;
  }

  show(truth: Truth): void {
    const own = this.has(truth);
    this.on = own || (this.on && this.avatar === truth.avatar);
    this.avatar = truth.avatar;
    this.field.set(this.on);
    const told = truth.avatars.find(({ name }) => name === truth.avatar)?.title || truth.avatar;
    say(this.element.querySelector('.hint')!, `${told}: ${this.studio.t.own[this.what]}`);
  }

  private turn(on: boolean): void {
    this.on = on;
    if (!on && this.has(this.studio.truth())) void this.studio.act({ do: 'common', what: this.what });
  }

  private has({ own }: Truth): boolean {
    if (this.what === 'shapes') return Object.keys(own.shapes).length > 0;
    return own.head !== null || own.body !== null || own.mirror !== null;
  }
}
