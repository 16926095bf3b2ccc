/** Sounds that the page makes, and how loud something is. */

let context: AudioContext | null = null;

/** The one of this page; it may sleep until somebody has clicked. */
export function audioContext(): AudioContext {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume().catch(() => undefined);
  return context;
}

/** Sounds go where the conversation goes, as far as the browser can do that. */
export function soundsTo(speaker: string | null): void {
  const sinks = audioContext() as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  void sinks.setSinkId?.(speaker ?? "").catch(() => undefined);
}

interface Note {
  hz: number;
  at: number; // s after the beginning
  for: number; // s
}

const CALL: readonly Note[] = [
  { hz: 660, at: 0, for: 0.14 },
  { hz: 880, at: 0.16, for: 0.22 },
];
const LEAD: readonly Note[] = [{ hz: 590, at: 0, for: 0.2 }];
const TEST: readonly Note[] = [
  { hz: 523, at: 0, for: 0.25 },
  { hz: 659, at: 0.28, for: 0.25 },
  { hz: 784, at: 0.56, for: 0.4 },
];
const NEWS: readonly Note[] = [
  { hz: 440, at: 0, for: 0.12 },
  { hz: 370, at: 0.15, for: 0.18 },
];

/** Somebody is on the line. */
export const callSound = (): void => play(CALL, 0.25);
/** A lead is shown. */
export const leadSound = (): void => play(LEAD, 0.15);
/** For trying the headset. */
export const testSound = (): void => play(TEST, 0.25);
/** A campaign was paused. */
export const newsSound = (): void => play(NEWS, 0.12);

function play(notes: readonly Note[], volume: number): void {
  try {
    const audio = audioContext();
    for (const note of notes) {
      const begin = audio.currentTime + note.at;
      const gain = new GainNode(audio, { gain: 0 });
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(volume, begin + 0.015);
      gain.gain.setValueAtTime(volume, begin + note.for - 0.05);
      gain.gain.linearRampToValueAtTime(0, begin + note.for);
      const tone = new OscillatorNode(audio, { frequency: note.hz });
      tone.connect(gain).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + note.for);
    }
  } catch {
    // No sound is no reason to stop.
  }
}

const QUIET_DB = -60;

/** 0 to 1 for samples between -1 and 1: from -60 dB to full, even to the ear. Pure. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) || 1e-12);
  return Math.min(1, Math.max(0, 1 - db / QUIET_DB));
}

/** Tells how loud the stream is, each frame, until stopped. */
export function watchLevel(stream: MediaStream, tell: (level: number) => void): () => void {
  const audio = audioContext();
  const source = audio.createMediaStreamSource(stream);
  const analyser = new AnalyserNode(audio, { fftSize: 1024 });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const look = (): void => {
    analyser.getFloatTimeDomainData(samples);
    tell(loudness(samples));
    frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    source.disconnect();
  };
}
