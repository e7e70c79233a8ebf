/** Seconds for which a message stands. */
const STANDS = 12;

/** The one line in which the page speaks to the user; read out by screen readers. */
export class Message {
  private timer = 0;
  private text = '';

  /** @param line Where it is shown, or null when the page shows no controls */
  constructor(private readonly line: HTMLElement | null) {
    line?.addEventListener('click', () => this.hide());
  }

  /** The last message, also when it is no longer shown. */
  get last(): string {
    return this.text;
  }

  say(sentence: string): void {
    this.text = sentence;
    if (this.line === null) return;
    this.line.textContent = sentence;
    this.line.classList.add('shown');
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.hide(), STANDS * 1000);
  }

  private hide(): void {
    this.line?.classList.remove('shown');
  }
}
