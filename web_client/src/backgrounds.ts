import { type Choice, filePicker, groupOf, make, press, textButton } from './controls';
import { type Background, isPicture } from './look';

const USUAL_COLOUR = '#00b140';

function swatch(name: string, label: string, click: () => void): HTMLButtonElement {
  const button = textButton('', click);
  button.className = `swatch ${name}`;
  button.title = label;
  button.setAttribute('aria-label', label);
  return button;
}

/**
 * The grounds to choose from: soft, none, a colour, and pictures.
 *
 * @param pictures Addresses of the server's pictures; null where only the first three are wanted
 */
export function backgroundChoice(pictures: readonly string[] | null, choose: (background: Background) => void): Choice<Background> {
  const element = groupOf('Background', pictures === null ? 'group' : 'swatches');
  const soft = swatch('gradient', 'Soft background', () => choose('gradient'));
  const none = swatch('transparent', 'Transparent background', () => choose('transparent'));
  const colour = make('input', 'swatch');
  Object.assign(colour, { type: 'color', title: 'Plain colour', value: USUAL_COLOUR });
  colour.setAttribute('aria-label', 'Plain colour');
  colour.addEventListener('input', () => choose(colour.value));
  element.append(soft, none, colour);
  const known = (pictures ?? []).map((address) => [address, pictureSwatch(address, choose)] as const);
  element.append(...known.map(([, button]) => button));
  if (pictures !== null) element.append(...ownPicture(choose));
  return {
    element,
    show: (background) => {
      press(soft, background === 'gradient');
      press(none, background === 'transparent');
      colour.toggleAttribute('data-chosen', background.startsWith('#'));
      if (background.startsWith('#')) colour.value = background;
      for (const [address, button] of known) press(button, address === background);
    },
  };
}

function pictureSwatch(address: string, choose: (background: Background) => void): HTMLButtonElement {
  const button = swatch('picture', decodeURIComponent(address.split('/').at(-1)!), () => choose(address));
  button.style.backgroundImage = `url("${address}")`;
  return button;
}

function ownPicture(choose: (background: Background) => void): HTMLElement[] {
  let shown = '';
  const picker = filePicker('image/png,image/jpeg,image/webp', false, ([file]) => {
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(file!);
    choose(shown);
  });
  const button = textButton('Picture …', () => picker.open());
  return [button, picker.element];
}

/** Whether a background is on this page alone, and cannot be named in an address. */
export function isOwnPicture(background: Background): boolean {
  return isPicture(background) && background.startsWith('blob:');
}
