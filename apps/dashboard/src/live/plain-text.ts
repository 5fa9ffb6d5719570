import Anser from 'anser'

// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
// Operating system commands, such as those that set a terminal's title (ECMA-48, 8.3.89): anser knows colours alone.
// oxlint-disable-next-line no-control-regex -- it is control characters that begin and end them
const commands = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g

/** Returns a line without colours and other control sequences. */
export function plainText(text: string): string {
  return hasControls(text) ? Anser.ansiToText(text.replace(commands, '')).replace(controls, '') : text
}

/** A piece of a line, with the classes of its colours. */
export interface Piece {
  text: string
  className: string
}

/** Splits a line where its colours change. */
export function coloured(text: string): Piece[] {
  if (!hasControls(text)) return [{ text, className: '' }]
  return Anser.ansiToJson(text.replace(commands, ''), { use_classes: true, remove_empty: true }).map((piece) => ({
    text: piece.content.replace(controls, ''),
    className: [piece.fg, piece.bg && `${piece.bg}-bg`, ...piece.decorations.map((name) => `ansi-${name}`)]
      .filter(Boolean)
      .join(' '),
  }))
}

function hasControls(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- as above
  return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)
}
