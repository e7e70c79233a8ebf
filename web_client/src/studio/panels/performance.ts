import { Chart } from '../chart';
import type { Context, Panel } from '../context';
import { h, say } from '../dom';
import type { Truth, Vitals } from '../truth';

/** Values in a chart: half a minute. */
const KEPT = 120;
const STAGES = ['tracker', 'pose', 'outputs'] as const;

/** How fast it goes: rate, latency, the time of each stage. */
export class PerformancePanel implements Panel {
  readonly element: HTMLElement;
  private readonly figures = new Map<string, HTMLElement>();
  private readonly latency = new Chart(['p50', 'p95', 'p99'], KEPT, 20);
  private readonly stages = new Chart(STAGES, KEPT, 10);
  private readonly rate = new Chart(['fps'], KEPT, 30);
  private readonly bars = new Map<string, HTMLElement>();

  constructor(studio: Context) {
    const { t } = studio;
    const p = t.performance;
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, p.intro),
      h('dl', { class: 'tiles' }, ...this.tiles([['fps', p.fps], ['tracked', p.tracked], ['age', p.age], ['dropped', p.dropped], ['viewers', p.viewers]])),
      this.box(p.latency, this.latency, ['p50', 'p95', 'p99']),
      this.box(p.stages, this.stages, STAGES.map((stage) => p.stageNames[stage])),
      this.box(p.fps, this.rate, []),
    );
  }

  show(_truth: Truth): void {
    // only figures here
  }

  tick(vitals: Vitals): void {
    const [p50, p95, p99] = vitals.latency;
    this.say('fps', vitals.fps.toFixed(0));
    this.say('tracked', `${Math.round(100 * vitals.tracked)} %`);
    this.say('age', `${p50.toFixed(0)} ms`);
    this.say('dropped', String(vitals.dropped));
    this.say('viewers', String(vitals.viewers));
    this.latency.push([p50, p95, p99]);
    this.legend('p50', p50);
    this.legend('p95', p95);
    this.legend('p99', p99);
    const times = STAGES.map((stage) => vitals.stages[stage] ?? 0);
    this.stages.push(times);
    STAGES.forEach((stage, i) => this.legend(stage, times[i]!));
    this.rate.push([vitals.fps]);
  }

  private say(name: string, text: string): void {
    const figure = this.figures.get(name);
    if (figure) say(figure, text);
  }

  private legend(name: string, value: number): void {
    const figure = this.bars.get(name);
    if (figure) say(figure, value < 10 ? value.toFixed(1) : value.toFixed(0));
  }

  private tiles(names: readonly (readonly [string, string])[]): HTMLElement[] {
    return names.map(([name, word]) => {
      const figure = h('dd', {}, '–');
      this.figures.set(name, figure);
      return h('div', { class: 'tile' }, h('dt', {}, word), figure);
    });
  }

  private box(title: string, chart: Chart, names: readonly string[]): HTMLElement {
    const keys = chart === this.stages ? STAGES : names;
    const legend = names.map((name, i) => {
      const figure = h('b', {}, '–');
      this.bars.set(keys[i] ?? name, figure);
      return h('span', { class: `key l${i}` }, `${name} `, figure);
    });
    return h('section', { class: 'box stack' }, h('div', { class: 'row spread' }, h('h3', {}, title), h('span', { class: 'row' }, ...legend)), chart.element);
  }
}
