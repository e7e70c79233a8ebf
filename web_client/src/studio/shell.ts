import type { Context, Panel } from './context';
import { button, h, icon, say } from './dom';
import type { Listen } from './keys';
import { AvatarsPanel } from './panels/avatars';
import { CameraPanel } from './panels/camera';
import { ExpressionsPanel } from './panels/expressions';
import { FacePanel } from './panels/face';
import { HelpPanel } from './panels/help';
import { OutputsPanel } from './panels/outputs';
import { PerformancePanel } from './panels/performance';
import { ProfilesPanel } from './panels/profiles';
import { TrackingPanel } from './panels/tracking';
import { StageCard, state } from './stage_card';
import { language, LANGUAGES, type Texts } from './texts';
import type { Marks, Truth, Vitals } from './truth';
import { copyButton, Visit } from './visit';

type Section = keyof Texts['sections'];

/** Paths of 24 x 24 line icons. */
const ICONS: Record<Section, string> = {
  camera: 'M4 7h11v10H4zM15 10.5 20 8v8l-5-2.5',
  tracking: 'M4 12c3-8 5 8 8 0s5 8 8 0',
  face: 'M5 7h9M18 7h1M16 5v4M5 12h3M12 12h7M10 10v4M5 17h8M17 17h2M15 15v4',
  expressions: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M8.5 14c1.5 2.5 5.5 2.5 7 0M9 9.5v.5M15 9.5v.5',
  avatars: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  outputs: 'M4 12h12M12 7l5 5-5 5M20 5v14',
  profiles: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3',
  performance: 'M4 19V5M4 19h16M8 15l3-4 3 2 5-6',
  help: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M9.5 9.5c0-3.5 5-3.5 5 0 0 2-2.5 2-2.5 4.5M12 17v.3',
};

/** The page: header, sections, and the avatar beside them. */
export class Shell {
  readonly element: HTMLElement;
  private readonly panels: Map<Section, Panel>;
  private readonly tabs = new Map<Section, HTMLButtonElement>();
  private readonly card: StageCard;
  private readonly visit: Visit;
  private readonly pill = h('span', { class: 'pill', role: 'status' });
  private readonly pillFigures = h('span', { class: 'figures' });
  private current: Section = 'camera';
  private welcomed = false;

  constructor(
    private readonly studio: Context,
    hear: Listen,
    speak: (language: string) => void,
  ) {
    this.panels = new Map<Section, Panel>([
      ['camera', new CameraPanel(studio)],
      ['tracking', new TrackingPanel(studio)],
      ['face', new FacePanel(studio)],
      ['expressions', new ExpressionsPanel(studio)],
      ['avatars', new AvatarsPanel(studio)],
      ['outputs', new OutputsPanel(studio)],
      ['profiles', new ProfilesPanel(studio)],
      ['performance', new PerformancePanel(studio)],
      ['help', new HelpPanel(studio, () => this.visit.begin())],
    ]);
    this.visit = new Visit(studio);
    const address = new URL(studio.obs());
    address.searchParams.set('bg', 'gradient');
    const quality = new URL(location.href).searchParams.get('quality');
    if (quality) address.searchParams.set('quality', quality);
    const frame = h('iframe', { class: 'stage', src: address.href, title: studio.t.stage.title });
    frame.addEventListener('load', () => frame.contentDocument && hear(frame.contentWindow!));
    this.card = new StageCard(studio, frame, () => this.recentre());
    const place = h('main', { id: 'panel', tabindex: -1 }, ...[...this.panels].map(([name, panel]) => this.tabPanel(name, panel)));
    this.element = h(
      'div',
      { class: 'shell' },
      h('a', { class: 'skip', href: '#panel' }, studio.t.skip),
      this.header(speak),
      this.navigation(),
      place,
      this.card.element,
    );
    const asked = location.hash.slice(1) as Section;
    this.open(this.panels.has(asked) ? asked : 'camera');
  }

  show(truth: Truth): void {
    for (const panel of this.panels.values()) panel.show(truth);
    this.card.show(truth);
    this.visit.show(truth);
    if (!truth.visited && !this.welcomed) this.visit.begin();
    this.welcomed = true;
  }

  tick(vitals: Vitals, connected: boolean): void {
    this.panels.get(this.current)?.tick?.(vitals);
    // Its charts begin with the page, so that they tell of what was before one looks.
    if (this.current !== 'performance') this.panels.get('performance')?.tick?.(vitals);
    if (this.visit.open) this.visit.tick(vitals);
    this.status(vitals, connected);
  }

  status(vitals: Vitals | null, connected: boolean): void {
    const now = state(this.studio.truth(), connected, vitals?.fps ?? 0, vitals?.tracked ?? 0);
    this.pill.dataset['state'] = now;
    say(this.pill, this.studio.t.states[now]);
    say(this.pillFigures, now === 'offline' || !vitals ? '' : `${Math.round(vitals.fps)} fps · ${Math.round(vitals.latency[0])} ms`);
  }

  preview(picture: ArrayBuffer, marks: Marks[]): void {
    if (this.visit.open) this.visit.preview(picture, marks);
    else this.panels.get(this.current)?.preview?.(picture, marks);
  }

  recentre(): void {
    void this.studio.act({ do: 'recentre' }).then((done) => {
      if (done) this.studio.tell(this.studio.t.stage.recentred);
    });
  }

  remove(): void {
    this.panels.get(this.current)?.opened?.(false);
    this.visit.remove();
    this.element.remove();
  }

  private header(speak: (language: string) => void): HTMLElement {
    const { t } = this.studio;
    const tongues = h('select', { 'aria-label': t.language, change: () => speak(tongues.value) }, ...Object.entries(LANGUAGES).map(([code, { name }]) => h('option', { value: code, lang: code }, name)));
    tongues.value = language();
    return h('header', {}, h('h1', {}, h('span', { class: 'brand' }, 'VTuber '), t.title), this.pill, this.pillFigures, h('span', { class: 'push' }), tongues, copyButton(this.studio));
  }

  private navigation(): HTMLElement {
    const { t } = this.studio;
    const list = h('div', { class: 'tabs', role: 'tablist', 'aria-label': t.title, 'aria-orientation': 'vertical' });
    for (const name of this.panels.keys()) {
      const tab = button(t.sections[name], () => this.open(name), 'tab');
      tab.prepend(icon(ICONS[name]));
      tab.id = `tab-${name}`;
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', `panel-${name}`);
      this.tabs.set(name, tab);
      list.append(tab);
    }
    list.addEventListener('keydown', (event) => this.step(event));
    return h('nav', { 'aria-label': t.title }, list);
  }

  private tabPanel(name: Section, panel: Panel): HTMLElement {
    const title = h('h2', {}, this.studio.t.sections[name]);
    return h('section', { id: `panel-${name}`, role: 'tabpanel', 'aria-labelledby': `tab-${name}`, hidden: true }, title, panel.element);
  }

  /** Arrow keys go from tab to tab, as in every list of tabs. */
  private step(event: KeyboardEvent): void {
    const names = [...this.tabs.keys()];
    const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const edge = { Home: 0, End: names.length - 1 }[event.key];
    if (move === undefined && edge === undefined) return;
    event.preventDefault();
    const next = edge ?? (names.indexOf(this.current) + (move ?? 0) + names.length) % names.length;
    this.open(names[next]!);
    this.tabs.get(names[next]!)?.focus();
  }

  private open(section: Section): void {
    this.panels.get(this.current)?.opened?.(false);
    this.current = section;
    for (const [name, tab] of this.tabs) {
      const on = name === section;
      tab.setAttribute('aria-selected', String(on));
      tab.tabIndex = on ? 0 : -1;
      this.element.querySelector<HTMLElement>(`#panel-${name}`)!.hidden = !on;
    }
    history.replaceState(null, '', `#${section}`);
    this.panels.get(section)?.opened?.(true);
  }
}
