import type { Context } from './context';
import { button, h, icon } from './dom';
import type { Truth } from './truth';

const CENTRE = 'M12 3v4M12 17v4M3 12h4M17 12h4M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6';
const AWAY = 'M9 6l-4 0 0 12 4 0M10 12l9 0M16 8l4 4-4 4';

/** The avatar as OBS shows it, in a frame of its own, with what is wanted most often below. */
export class StageCard {
  readonly element: HTMLElement;
  private readonly away: HTMLButtonElement;
  private readonly expressions = h('div', { class: 'row keys', role: 'group' });
  private known = '';

  constructor(
    private readonly studio: Context,
    stage: HTMLElement,
    recentre: () => void,
  ) {
    const { t } = studio;
    this.expressions.setAttribute('aria-label', t.sections.expressions);
    const centre = button(t.stage.recentre, recentre, 'with-icon');
    centre.prepend(icon(CENTRE));
    this.away = button(t.stage.away, () => void studio.act({ do: 'away', on: !studio.truth().away }), 'with-icon');
    this.away.prepend(icon(AWAY));
    this.element = h(
      'aside',
      { class: 'stage-card', 'aria-label': t.stage.title },
      stage,
      h('div', { class: 'row' }, centre, this.away),
      this.expressions,
      h('p', { class: 'hint keys-hint' }, t.stage.keys),
    );
  }

  show(truth: Truth): void {
    this.away.setAttribute('aria-pressed', String(truth.away));
    const told = truth.expressions.map(({ name, key }) => `${key} ${name}`).join('\n');
    if (told !== this.known) {
      this.known = told;
      this.expressions.replaceChildren(...truth.expressions.map(({ name, key }) => this.button(name, key)));
    }
    for (const one of this.expressions.querySelectorAll<HTMLElement>('button')) {
      one.setAttribute('aria-pressed', String(truth.shown.includes(one.dataset['name'] ?? '')));
    }
  }

  private button(name: string, key: string): HTMLElement {
    const press = (): void => {
      const { shown } = this.studio.truth();
      void this.studio.act({ do: 'show', names: shown.includes(name) ? shown.filter((other) => other !== name) : [...shown, name] });
    };
    const one = button('', press, 'chip');
    one.dataset['name'] = name;
    one.append(...(key ? [h('kbd', { 'aria-hidden': 'true' }, key)] : []), name);
    return one;
  }
}

/** The small word on how it goes. */
export function state(truth: Truth | null, connected: boolean, fps: number, tracked: number): 'live' | 'nobody' | 'silent' | 'away' | 'offline' {
  if (!connected || truth === null) return 'offline';
  if (truth.away) return 'away';
  if (fps === 0) return 'silent';
  return tracked > 0.3 ? 'live' : 'nobody';
}

