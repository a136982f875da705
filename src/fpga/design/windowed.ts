/** Elements along one axis after a window moves over it: `valid` keeps it inside, `same` and `causal` pad. Zero or less where it does not fit. */
export function windowed(size: number, window: number, stride: number, padding: string): number {
  return padding === 'valid' ? Math.floor((size - window) / stride) + 1 : Math.ceil(size / stride);
}
