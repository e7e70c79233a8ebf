import { select, Settings, type Field } from '../controls';
import type { Context, Panel } from '../context';
import { h } from '../dom';
import type { Kind, Truth } from '../truth';
import { OwnSwitch } from './own';

/** Settings that an avatar may have for itself. */
const FOLLOWING = ['head', 'body', 'mirror'];

/** Tracker, filter, shares and what is done when the face is lost: all of it from the parts' own signatures. */
export class TrackingPanel implements Panel {
  readonly element: HTMLElement;
  private readonly choices: [Kind, Field][] = [];
  private readonly sections: [string, Settings][] = [];

  private readonly own: OwnSwitch;

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.own = new OwnSwitch(studio, 'following');
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, t.tracking.intro),
      this.box(t.tracking.filter, 'filter', true),
      h('div', { class: 'box' }, this.own.element),
      this.box(t.tracking.shares, 'tuning', false),
      this.box(t.tracking.policy, 'pipeline', false),
      this.box(t.tracking.tracker, 'tracker', true),
    );
  }

  show(truth: Truth): void {
    this.own.show(truth);
    for (const [kind, field] of this.choices) field.set(truth.run[kind as 'tracker' | 'filter'].split('+')[0] ?? '');
    for (const [section, settings] of this.sections) {
      const list = this.studio.parts[section as 'filter'];
      const name = section === 'filter' || section === 'tracker' ? truth.run[section].split('+')[0] : section;
      const part = list.find((candidate) => candidate.name === name);
      settings.show(name ?? '', part?.settings ?? [], truth.settings[section] ?? {});
    }
  }

  private box(title: string, section: 'filter' | 'tracker' | 'pipeline' | 'tuning', choice: boolean): HTMLElement {
    const settings = new Settings((key, value) => {
      const own = this.own.on && FOLLOWING.includes(key) && (section === 'tuning' || section === 'pipeline');
      void this.studio.act({ do: 'set', section, key, value, own });
    });
    this.sections.push([section, settings]);
    const box = h('section', { class: 'box stack', 'aria-label': title }, choice ? null : h('h3', {}, title));
    if (choice) {
      const kind = section as Kind;
      const options = this.studio.parts[kind].filter((part) => !part.missing).map((part) => [part.name, part.name] as const);
      const field = select(title, options, (value) => void this.studio.act({ do: 'choose', what: kind, value }));
      this.choices.push([kind, field]);
      box.append(field.element);
    }
    box.append(settings.element);
    return box;
  }
}
