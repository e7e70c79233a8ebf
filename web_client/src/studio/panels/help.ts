import type { Context, Panel } from '../context';
import { button, h, say } from '../dom';
import type { Texts } from '../texts';
import type { Finding, Truth } from '../truth';

/** How often an open page looks again by itself, ms. */
const AGAIN_MS = 3000;

/** "Why isn't it moving?" with what to do; the way onto a phone; and the first steps once more. */
export class HelpPanel implements Panel {
  readonly element: HTMLElement;
  private readonly list = h('ul', { class: 'findings' });
  private readonly verdict = h('strong', { role: 'status' });
  private readonly phone = h('div', { class: 'stack' });
  private readonly file = h('code', {});
  private timer = 0;
  private known = '';

  constructor(
    private readonly studio: Context,
    begin: () => void,
  ) {
    const { t } = studio;
    this.element = h(
      'div',
      { class: 'stack' },
      h('p', { class: 'intro' }, t.help.intro),
      h('section', { class: 'box stack' }, h('div', { class: 'row spread' }, this.verdict, button(t.help.look, () => void this.look())), this.list),
      h('section', { class: 'box stack' }, h('h3', {}, t.help.phone), this.phone),
      h('section', { class: 'box stack' }, h('h3', {}, t.help.first), h('p', {}, t.help.firstText), h('div', { class: 'row' }, button(t.help.begin, begin))),
      h('p', { class: 'hint' }, `${t.help.file} `, this.file),
    );
  }

  show(truth: Truth): void {
    const { t } = this.studio;
    say(this.file, truth.file);
    if (truth.server.url === this.known) return;
    this.known = truth.server.url;
    if (!truth.server.qr) {
      this.phone.replaceChildren(h('p', { class: 'hint' }, t.help.phoneOff));
      return;
    }
    const picture = h('img', { class: 'qr', src: truth.server.qr, alt: 'QR', width: 180, height: 180 });
    this.phone.replaceChildren(h('p', {}, t.help.phoneText), picture);
  }

  opened(open: boolean): void {
    clearInterval(this.timer);
    if (!open) return;
    void this.look();
    this.timer = window.setInterval(() => void this.look(), AGAIN_MS);
  }

  private async look(): Promise<void> {
    const { t } = this.studio;
    const findings = await this.studio.link.ask<Finding[]>('findings').catch(() => []);
    const bad = findings.filter(({ ok }) => !ok);
    say(this.verdict, bad.length === 0 ? t.help.well : `${bad.length} ${t.help.mend}`);
    this.list.replaceChildren(
      ...[...bad, ...findings.filter(({ ok }) => ok)].map((finding) => {
        const { subject, ok } = finding;
        return h('li', { 'data-ok': String(ok) }, h('span', { class: 'badge', 'data-state': ok ? 'sending' : 'failed' }, ok ? t.help.ok : t.help.bad), h('span', {}, h('strong', {}, t.subjects[subject as keyof typeof t.subjects] ?? subject), ' ', said(t, finding)));
      }),
    );
  }
}

/** A finding in the language of the page. */
function said(t: Texts, { text, key, arguments: values }: Finding): string {
  const pattern = (t.findings as Record<string, string>)[key] ?? text;
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
