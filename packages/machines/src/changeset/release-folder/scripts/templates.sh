# shellcheck shell=sh
# shellcheck disable=SC2154 # What this is a part of sets work and templates, and has `fail`, `lacks` and `enter_folders`.
#
# Files of the release that are made of its templates, with values for their placeholders. `templates` has two lines for each: the path of
# the template, and that of the file. The values are in the folder of this attempt, as writeTemplateValues writes them.

find_renderer() {
  for tool in awk stat; do
    command -v "$tool" > /dev/null || lacks HOST_TOOL_MISSING "there is no $tool, which templates need"
  done
}

# Fails where a link of the archive leads: it could be to any file of the host.
find_template() {
  rest=$1/
  entered=
  while [ -n "$rest" ]; do
    entered=$entered${rest%%/*}
    rest=${rest#*/}
    [ ! -L "$work/release/$entered" ] || lacks TEMPLATE_INVALID "the template $1 is behind a link of the artifact at $entered"
    entered=$entered/
  done
  [ -f "$work/release/$1" ] || lacks TEMPLATE_INVALID "the artifact has no file $1, which is to be a template"
}

# Only the owner keeps the permissions of the template, unless nothing but `plain` is said: that no value of the file is a secret.
render_templates() {
  while IFS= read -r from && IFS= read -r to; do
    find_template "$from"
    why=$(fill_in "$work/release/$from" 2>&1 > "$work/rendered") || lacks TEMPLATE_INVALID "$from: $why"
    chmod "$(stat -c %a "$work/release/$from")" "$work/rendered"
    [ "$why" = plain ] || chmod go= "$work/rendered"
    mv -T "$work/rendered" "$work/release/$to"
  done << END
$templates
END
}

# Prints a template with its values; to its standard error, why it cannot, or whether there are secrets among them.
fill_in() {
  awk -v values="$work/values" '
    function unescape(text,   out, at) {
      out = ""
      while ((at = index(text, "\\")) > 0) {
        out = out substr(text, 1, at - 1) (substr(text, at + 1, 1) == "n" ? "\n" : "\\")
        text = substr(text, at + 2)
      }
      return out text
    }
    function refuse(why) {
      print "line " NR ": " why > "/dev/stderr"
      refused = 1
      exit 1
    }
    BEGIN {
      while ((getline line < values) > 0) {
        at = index(line, "\t")
        name = substr(line, 1, at - 1)
        line = substr(line, at + 1)
        at = index(line, "\t")
        secret[name] = substr(line, 1, at - 1) == "secret"
        value[name] = unescape(substr(line, at + 1))
      }
      refused = 0
      used = 0
    }
    {
      rest = $0
      out = ""
      while ((at = index(rest, "{{")) > 0) {
        out = out substr(rest, 1, at - 1)
        rest = substr(rest, at + 2)
        at = index(rest, "}}")
        if (at == 0) refuse("{{ without }} in its line")
        name = substr(rest, 1, at - 1)
        rest = substr(rest, at + 2)
        gsub(/^[ \t]+|[ \t]+$/, "", name)
        sub(/[ \t]*\|[ \t]*/, " | ", name)
        if (!(name in value)) refuse("{{ " name " }} is no variable")
        if (secret[name]) used = 1
        out = out value[name]
      }
      if (NR > 1) printf "\n"
      printf "%s", out rest
    }
    END {
      if (refused) exit 1
      print (used ? "secret" : "plain") > "/dev/stderr"
    }' "$1" || return 1
  # awk does not tell whether the last line has an end.
  if [ -s "$1" ] && [ -z "$(tail -c 1 "$1")" ]; then echo; fi
}
