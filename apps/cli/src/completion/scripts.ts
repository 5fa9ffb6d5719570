/** Gives the text that makes a shell ask `vesemir complete` at each Tab: what it answers can then never be out of date. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): string {
  return scripts[shell]
}

const scripts = {
  bash: `# vesemir completion for bash
_vesemir() {
  local IFS=$'\\n'
  COMPREPLY=($(vesemir complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _vesemir vesemir
`,
  zsh: `#compdef vesemir
# vesemir completion for zsh
_vesemir() {
  local -a answers
  answers=("\${(@f)$(vesemir complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$answers" ]]; then _describe -V vesemir answers; else _files; fi
}
if [[ "$funcstack[1]" = _vesemir ]]; then _vesemir; else compdef _vesemir vesemir; fi
`,
  fish: `# vesemir completion for fish
function __vesemir_complete
  set -l words (commandline -opc) (commandline -ct)
  vesemir complete fish -- $words[2..-1] 2>/dev/null
end
complete -c vesemir -f -a '(__vesemir_complete)'
complete -c vesemir -n '__fish_seen_subcommand_from apply' -s f -l file -r -F
`,
} as const
