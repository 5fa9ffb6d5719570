/** Fills in the names that a hint leaves open. */
export function fillHint(hint: string, { id, host }: { id: string; host?: string | undefined }): string {
  return hint.replace(/\bID\b/g, id).replace(/\bHOST\b/g, host ?? 'HOST')
}
