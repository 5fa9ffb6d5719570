import { splitWords } from './split-words.ts'
import { Unread } from './unread.ts'

/** Options that say where ssh connects to, and that the inventory has variables for, or Vesemir settings. */
const elsewhere = new Set(['hostname', 'port', 'user', 'proxycommand', 'bindaddress', 'hostkeyalias', 'configfile'])

/** ssh's options that have no value (ssh(1)). */
const flags = /^-[46AaCfGgKkMNnqsTtVvXxYy]+$/

/**
 * Reads the jump hosts in arguments of ssh, as `-J bastion` or `-o ProxyJump=bastion` has them. What says in another way where
 * ssh connects to comes out as `Unread`; all else is for ssh alone.
 */
export function readSshArguments(text: string): { jumpHosts?: string } | Unread {
  let jumpHosts: string | undefined
  for (const [option, value] of optionsIn(text)) {
    if (elsewhere.has(option) && value !== 'none')
      return new Unread(
        `${JSON.stringify(text)}, and ${option} is not read from there: name a jump host with ProxyJump`,
      )
    if (option === 'proxyjump') jumpHosts ??= value
  }
  return jumpHosts === undefined ? {} : { jumpHosts }
}

const letters: Record<string, string> = {
  J: 'proxyjump',
  p: 'port',
  l: 'user',
  b: 'bindaddress',
  F: 'configfile',
  W: 'proxycommand',
}

/** Each option with its value, by the name of ssh_config(5) in lower case. */
function optionsIn(text: string): [string, string][] {
  const words = splitWords(text).filter((word) => !flags.test(word))
  const options: [string, string][] = []
  for (let at = 0; at < words.length; at += 1) {
    const [, letter = '', attached = ''] = /^-([A-Za-z])(.*)$/s.exec(words[at]!) ?? []
    const value = attached || (words[at + 1] ?? '')
    if (letter && !attached) at += 1
    if (letter === 'o') {
      const [, name = '', of = ''] = /^\s*([A-Za-z]+)\s*[=\s]\s*(.*)$/s.exec(value) ?? []
      options.push([name.toLowerCase(), of.replaceAll(/^"|"$/g, '')])
    } else options.push([letters[letter] ?? letter, value])
  }
  return options
}
