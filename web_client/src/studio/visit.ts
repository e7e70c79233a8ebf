import type { Context } from './context';
import { button, h, say } from './dom';
import { AvatarsPanel } from './panels/avatars';
import { SourceChoice } from './panels/camera';
import { Preview } from './preview';
import type { Marks, Truth, Vitals } from './truth';

interface Step {
  title: string;
  text: string;
  body: HTMLElement;
  /** The step is seen, or no longer. */
  open?(open: boolean): void;
}

/** The first visit: from nothing to the address in OBS, in five steps that may all be skipped. */
export class Visit {
  private readonly dialog: HTMLDialogElement;
  private readonly content = h('div', { class: 'stack' });
  private readonly count = h('p', { class: 'hint' });
  private readonly title = h('h2', { tabindex: -1 });
  private readonly text = h('p', {});
  private readonly backButton: HTMLButtonElement;
  private readonly nextButton: HTMLButtonElement;
  private readonly steps: Step[];
  private readonly source: SourceChoice;
  private readonly avatars: AvatarsPanel;
  private readonly seen: Preview;
  private readonly rate = h('p', { class: 'badge', role: 'status' });
  private at = 0;

  constructor(private readonly studio: Context) {
    const { t } = studio;
    this.source = new SourceChoice(studio);
    this.avatars = new AvatarsPanel(studio, t.visit.avatarText);
    this.seen = new Preview(studio.link, t.visit.see);
    this.steps = this.makeSteps();
    this.backButton = button(t.visit.back, () => this.go(this.at - 1));
    this.nextButton = button(t.visit.next, () => (this.at + 1 < this.steps.length ? this.go(this.at + 1) : this.end()), 'primary');
    this.title.id = 'visit-title';
    this.dialog = h(
      'dialog',
      { class: 'visit', 'aria-labelledby': 'visit-title', cancel: (event) => event.preventDefault() },
      h('div', { class: 'row spread' }, this.count, button(t.visit.skip, () => this.end(), 'quiet')),
      this.title,
      this.text,
      this.content,
      h('div', { class: 'row spread actions' }, this.backButton, this.nextButton),
    );
    document.body.append(this.dialog);
  }

  get open(): boolean {
    return this.dialog.open;
  }

  begin(): void {
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.go(0);
  }

  show(truth: Truth): void {
    this.source.show(truth);
    this.avatars.show(truth);
  }

  tick(vitals: Vitals): void {
    say(this.rate, `${Math.round(vitals.fps)} fps`);
  }

  preview(picture: ArrayBuffer, marks: Marks[]): void {
    this.seen.draw(picture, marks);
  }

  remove(): void {
    this.steps[this.at]?.open?.(false);
    this.dialog.remove();
  }

  private go(step: number): void {
    const { t } = this.studio;
    this.steps[this.at]?.open?.(false);
    this.at = Math.max(0, Math.min(step, this.steps.length - 1));
    const shown = this.steps[this.at]!;
    say(this.count, `${t.visit.step} ${this.at + 1} ${t.visit.of} ${this.steps.length}`);
    say(this.title, shown.title);
    say(this.text, shown.text);
    this.content.replaceChildren(shown.body);
    this.backButton.hidden = this.at === 0;
    say(this.nextButton, this.at + 1 < this.steps.length ? t.visit.next : t.visit.done);
    shown.open?.(true);
    this.title.focus();
  }

  private end(): void {
    this.steps[this.at]?.open?.(false);
    this.dialog.close();
    void this.studio.act({ do: 'visited', done: true });
  }

  private makeSteps(): Step[] {
    const { t } = this.studio;
    const v = t.visit;
    const camera = h('div', { class: 'stack' }, this.source.element, h('div', { class: 'row' }, this.rate));
    return [
      { title: v.camera, text: v.cameraText, body: camera, open: (open) => open && this.source.begin() },
      {
        title: v.see,
        text: `${v.seeText} ${t.camera.previewText}`,
        body: this.seen.element,
        open: (open) => {
          this.seen.suspend(!open);
          this.seen.whole(open);
        },
      },
      { title: v.neutral, text: v.neutralText, body: this.neutral() },
      { title: v.avatar, text: '', body: this.avatars.element },
      { title: v.obs, text: v.obsText, body: this.obs() },
    ];
  }

  private neutral(): HTMLElement {
    const { t } = this.studio;
    const done = h('p', { role: 'status' });
    const press = button(t.visit.neutralButton, () => {
      void this.studio.act({ do: 'recentre' }).then((obeyed) => say(done, obeyed ? t.visit.neutralDone : ''));
    }, 'primary');
    return h('div', { class: 'stack' }, h('div', { class: 'row' }, press), done);
  }

  private obs(): HTMLElement {
    const { t } = this.studio;
    const address = h('input', { type: 'text', readonly: true, value: this.studio.obs(), 'aria-label': t.copyObs });
    return h('div', { class: 'row grow' }, address, copyButton(this.studio, address));
  }
}

/** Copies the address for OBS; where the browser does not let us, it stands there to be copied. */
export function copyButton(studio: Context, address: HTMLInputElement | null = null): HTMLButtonElement {
  const { t } = studio;
  return button(t.copyObs, () => {
    const url = studio.obs();
    navigator.clipboard.writeText(url).then(
      () => studio.tell(t.copied),
      () => {
        address?.select();
        studio.tell(`${t.copyFailed} ${url}`);
      },
    );
  }, 'primary');
}
