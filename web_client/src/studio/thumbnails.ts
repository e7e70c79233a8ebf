import type { Link } from './link';
import type { AvatarFile } from './truth';

const SIZE = 256;

/** Pictures of the avatars. One that is missing is drawn here, once, and given to the program to keep. */
export class Thumbnails {
  private last: Promise<void> = Promise.resolve();
  private readonly drawn = new Map<string, string>();

  constructor(private readonly link: Link) {}

  /** Shows an avatar's picture, now or when it is drawn. */
  fill(image: HTMLImageElement, avatar: AvatarFile): void {
    const key = `${avatar.name}/${avatar.stamp}`;
    const known = this.drawn.get(key);
    if (known !== undefined) {
      image.src = known;
    } else if (avatar.thumbnail) {
      image.src = `./thumbnails/${encodeURIComponent(avatar.name)}?${avatar.stamp}`;
    } else {
      // One after the other: each has a graphics context of its own.
      this.last = this.last.then(async () => {
        const blob = await draw(avatar.name).catch(() => null);
        if (blob === null) return;
        const address = URL.createObjectURL(blob);
        this.drawn.set(key, address);
        image.src = address;
        await this.link.fetch(`/thumbnails/${encodeURIComponent(avatar.name)}`, { method: 'PUT', body: blob }).catch(() => undefined);
      });
    }
  }
}

async function draw(name: string): Promise<Blob | null> {
  const [{ Stage }, { readLook }, { loadAvatar }, { Performer }, { REST_POSE }] = await Promise.all([
    import('../stage'),
    import('../look'),
    import('../avatar/load'),
    import('../performer'),
    import('../avatar/rest_pose'),
  ]);
  const page = new URL(location.href);
  const look = readLook(new URLSearchParams('quality=low&bg=transparent'), page, false, []);
  const avatar = await loadAvatar(new URL(`/avatars/${encodeURIComponent(name)}`, page).href, 'low', page.searchParams.get('token'));
  const canvas = document.createElement('canvas');
  canvas.style.cssText = `position:fixed;left:-9999px;width:${SIZE}px;height:${SIZE}px`;
  document.body.append(canvas);
  try {
    const stage = new Stage(canvas, look, false, 1, null);
    avatar.apply(new Performer(1, REST_POSE).sample(0));
    avatar.update(0);
    avatar.settle();
    stage.show(0, avatar);
    stage.draw();
    // In the same task as the drawing: afterwards the picture belongs to the screen.
    const data = canvas.toDataURL('image/webp', 0.9);
    return await (await fetch(data)).blob();
  } finally {
    avatar.dispose();
    canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
    canvas.remove();
  }
}
