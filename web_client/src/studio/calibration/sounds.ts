const BEGIN_HZ = 660;
const END_HZ = 990;
const LASTS_S = 0.14;
const VOLUME = 0.08;

/** Two short tones, for steps at which one cannot look at the screen. */
export class Sounds {
  on = true;
  private context: AudioContext | null = null;

  /** Browsers let a page sound only from a press of the user's on. */
  wake(): void {
    if (this.on) this.context ??= new AudioContext();
  }

  begin(): void {
    this.tone(BEGIN_HZ);
  }

  end(): void {
    this.tone(END_HZ);
  }

  private tone(hertz: number): void {
    const { context } = this;
    if (!this.on || context === null) return;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(VOLUME, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + LASTS_S);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + LASTS_S);
  }
}
