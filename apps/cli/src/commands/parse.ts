import { InvalidArgumentError } from 'commander'

/** Reads an option's value as a whole number from `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number
    throw new InvalidArgumentError(`It is not a whole number from ${least}.`)
  }
}

/** Reads `a,b` as a list; an option given again adds to it. */
export function list(text: string, before: string[] = []): string[] {
  const values = text.split(',').map((value) => value.trim())
  if (values.includes('')) throw new InvalidArgumentError('It has an empty name in it.')
  return [...before, ...values]
}

/** Keeps each value of an option that is given several times. */
export function collect(text: string, before: string[] = []): string[] {
  return [...before, text]
}
