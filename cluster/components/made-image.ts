/** The image that a container was made from, by its label; undefined for a label that is not as this program writes it. */
export function madeImage(label: string | undefined): string | undefined {
  try {
    const spec = JSON.parse(label ?? '{}') as { container?: { image?: unknown } };
    const image = spec.container?.image;
    return typeof image === 'string' ? image : undefined;
  } catch {
    return undefined;
  }
}
