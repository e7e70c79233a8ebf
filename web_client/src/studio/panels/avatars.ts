import type { Context, Panel } from '../context';
import { button, h } from '../dom';
import { Thumbnails } from '../thumbnails';
import type { AvatarFile, Truth } from '../truth';
import { FramingBox } from './framing';

/** The library: the avatars there are, whose they are, and which one is on stage; also a step of the first visit. */
export class AvatarsPanel implements Panel {
  readonly element: HTMLElement;
  private readonly list = h('div', { class: 'avatars' });
  private readonly thumbnails: Thumbnails;
  private readonly framing: FramingBox;
  private known = '';

  constructor(
    private readonly studio: Context,
    intro = studio.t.avatars.intro,
  ) {
    const { t } = studio;
    this.thumbnails = new Thumbnails(studio.link);
    const input = h('input', {
      type: 'file',
      accept: '.vrm,.zip',
      multiple: true,
      hidden: true,
      change: () => {
        studio.addAvatars([...(input.files ?? [])]);
        input.value = '';
      },
    });
    this.framing = new FramingBox(studio);
    const add = h('div', { class: 'row' }, button(t.avatars.add, () => input.click(), 'primary'), input);
    this.element = h('div', { class: 'stack' }, h('p', { class: 'intro' }, intro), this.list, add, intro === t.avatars.intro ? this.framing.element : null);
  }

  show(truth: Truth): void {
    this.framing.show(truth);
    const told = JSON.stringify([truth.avatars, truth.avatar]);
    if (told === this.known) return;
    this.known = told;
    this.list.replaceChildren(...truth.avatars.map((avatar) => this.card(avatar, avatar.name === truth.avatar)));
  }

  private card(avatar: AvatarFile, shown: boolean): HTMLElement {
    const { t } = this.studio;
    const picture = h('img', { alt: '', width: 160, height: 160, loading: 'lazy' });
    this.thumbnails.fill(picture, avatar);
    const show = button(shown ? t.avatars.shown : t.avatars.show, () => void this.studio.act({ do: 'avatar', name: avatar.name }), shown ? '' : 'primary');
    show.setAttribute('aria-pressed', String(shown));
    show.setAttribute('aria-label', `${shown ? t.avatars.shown : t.avatars.show}: ${avatar.title || avatar.name}`);
    const remove = button(t.remove, () => this.remove(avatar), 'quiet');
    remove.setAttribute('aria-label', `${t.remove}: ${avatar.title || avatar.name}`);
    const from = avatar.own ? (avatar.author ? `${t.avatars.by} ${avatar.author}` : t.avatars.unknown) : t.avatars.ships;
    return h(
      'article',
      { class: 'box avatar', 'data-avatar': avatar.name },
      picture,
      h('h3', {}, avatar.title || avatar.name),
      h('p', { class: 'hint' }, from),
      h('p', { class: 'hint' }, licence(avatar.licence) ?? t.avatars.noLicence, ` · ${(avatar.size / 1e6).toFixed(1)} ${t.avatars.size}`),
      h('div', { class: 'row' }, show, avatar.own && !shown ? remove : null),
    );
  }

  private remove(avatar: AvatarFile): void {
    const { t } = this.studio;
    if (confirm(`${avatar.title || avatar.name}: ${t.avatars.sure}`)) void this.studio.act({ do: 'remove_avatar', name: avatar.name });
  }
}

/** A file names its licence in words or by an address. */
function licence(told: string): HTMLElement | string | null {
  if (!told.startsWith('https://')) return told || null;
  return h('a', { href: told, target: '_blank', rel: 'noreferrer' }, told.slice('https://'.length).replace(/\/$/, ''));
}
