import { select, type Field } from '../controls';
import type { Context, Panel } from '../context';
import { button, h } from '../dom';
import type { Truth } from '../truth';

/** The performers that were measured, by name. The guided calibration has its place here. */
export class ProfilesPanel implements Panel {
  readonly element: HTMLElement;
  private readonly place = h('div', {});
  private choice: Field | null = null;
  private known = '';

  constructor(private readonly studio: Context) {
    const { t } = studio;
    const name = h('input', { type: 'text', 'aria-label': t.profiles.saveAs, placeholder: t.profiles.saveAs });
    const save = button(t.profiles.save, () => void studio.act({ do: 'save_profile', name: name.value.trim() }));
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, t.profiles.intro),
      h('section', { class: 'box stack' }, this.place, h('div', { class: 'row grow' }, name, save)),
      h(
        'section',
        { class: 'box stack', id: 'calibration' },
        h('h3', {}, t.profiles.calibrate),
        h('p', {}, t.profiles.calibrateText),
        h('code', {}, 'vtuber calibrate face'),
      ),
    );
  }

  show(truth: Truth): void {
    const { t } = this.studio;
    const names = truth.profiles.join('\n');
    if (this.choice === null || names !== this.known) {
      this.known = names;
      const options = [['', t.profiles.newcomer] as const, ...truth.profiles.map((name) => [name, name] as const)];
      this.choice = select(t.profiles.current, options, (value) => void this.studio.act({ do: 'choose', what: 'profile', value }));
      this.place.replaceChildren(this.choice.element);
    }
    this.choice.set(truth.run.profile);
  }
}
