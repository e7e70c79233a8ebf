import './calibration.css';
import type { Context } from '../context';
import { button, h, say } from '../dom';
import type { Marks, Vitals } from '../truth';
import type { CameraStanding, FaceStanding } from './told';

type Phase = 'intro' | 'steps' | 'measuring' | 'judged' | 'failed';

/** What one kind of calibration shows. */
export interface Guided {
  readonly kind: 'face' | 'camera';
  readonly title: string;
  readonly intro: HTMLElement;
  readonly steps: HTMLElement;
  /** The command that begins it. */
  begin(): Promise<{ do: string } & Record<string, unknown>>;
  /** Shows where it stands, while the steps are done. */
  show(told: FaceStanding | CameraStanding): void;
  preview(picture: ArrayBuffer, marks: Marks[]): void;
  /** The steps are seen, or no longer. */
  watch(on: boolean): void;
  /** What was found, asked for once it is. */
  verdict(): Promise<HTMLElement>;
}

/** A guided calibration over the whole page: words before it, steps, measuring, verdict. */
export class CalibrationDialog {
  readonly element: HTMLDialogElement;
  private readonly body = h('div', { class: 'body' });
  private readonly foot = h('div', { class: 'row foot' });
  private readonly title = h('h2', { tabindex: -1 });
  private readonly out: HTMLButtonElement;
  private phase: Phase | '' = '';
  private error = '';

  constructor(
    private readonly studio: Context,
    private readonly guided: Guided,
  ) {
    const { t } = studio;
    this.out = button(t.calibration.end, () => this.end(), 'quiet');
    this.title.id = `calibrate-${guided.kind}`;
    this.element = h(
      'dialog',
      { class: 'calibration', 'aria-labelledby': this.title.id, cancel: (event) => this.cancel(event) },
      h('div', { class: 'row spread head' }, this.title, this.out),
      this.body,
      this.foot,
    );
    say(this.title, guided.title);
  }

  /** Opens at the beginning, or where the calibration stands that is under way. */
  open(): void {
    if (this.element.open) return;
    this.element.showModal();
    this.turn('intro');
  }

  tick({ calibration: told }: Vitals): void {
    if (!this.element.open) return;
    if (told === null || told.kind !== this.guided.kind) {
      // Ended or kept by another page, or not yet begun by this one.
      if (this.phase !== 'intro') this.close();
      return;
    }
    this.error = told.error;
    // The last one's end is not this one's.
    if (this.phase === 'intro' && told.phase === 'failed') return;
    if (this.phase !== told.phase) this.turn(told.phase);
    if (told.phase === 'steps') this.guided.show(told);
  }

  preview(picture: ArrayBuffer, marks: Marks[]): void {
    if (this.element.open) this.guided.preview(picture, marks);
  }

  private turn(phase: Phase): void {
    const c = this.studio.t.calibration;
    this.guided.watch(phase === 'steps');
    this.phase = phase;
    this.element.dataset['phase'] = phase;
    say(this.out, phase === 'intro' ? this.studio.t.close : c.end);
    this.out.hidden = phase === 'judged' || phase === 'failed';
    const close = button(this.studio.t.close, () => this.end(), 'primary');
    const begin = button(c.begin, () => void this.begin(), 'primary');
    const again = button(c.again, () => void this.begin(), 'primary');
    const pages: Record<Phase, [HTMLElement, HTMLElement[]]> = {
      intro: [this.guided.intro, [begin]],
      steps: [this.guided.steps, []],
      measuring: [h('p', { class: 'wait', role: 'status' }, c.measuring), []],
      judged: [h('p', { class: 'wait', role: 'status' }, c.measuring), []],
      failed: [h('p', { class: 'error', role: 'alert' }, this.error), [close, again]],
    };
    this.put(...pages[phase]);
    if (phase === 'judged') void this.judge();
  }

  private async judge(): Promise<void> {
    const c = this.studio.t.calibration;
    this.leaveFullScreen();
    const keep = button(c.keep, () => void this.keep(), 'primary');
    this.put(await this.guided.verdict(), [button(c.discard, () => this.end()), keep]);
    this.title.focus();
  }

  private put(body: HTMLElement, actions: readonly HTMLElement[]): void {
    this.body.replaceChildren(body);
    this.foot.replaceChildren(...actions);
    actions.at(-1)?.focus();
  }

  private async begin(): Promise<void> {
    if (await this.studio.act(await this.guided.begin())) this.error = '';
  }

  private async keep(): Promise<void> {
    if (!(await this.studio.act({ do: 'guide', wish: 'keep' }))) return;
    this.close();
    this.studio.tell(this.studio.t.calibration.kept);
  }

  private cancel(event: Event): void {
    event.preventDefault();
    this.end();
  }

  private end(): void {
    if (this.phase !== 'intro') void this.studio.act({ do: 'guide', wish: 'end' });
    this.close();
  }

  private close(): void {
    this.guided.watch(false);
    this.leaveFullScreen();
    this.phase = '';
    this.element.close();
  }

  private leaveFullScreen(): void {
    if (document.fullscreenElement !== null) void document.exitFullscreen().catch(() => undefined);
  }
}
