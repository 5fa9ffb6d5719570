#!/bin/bash
# fleet.sh up N DIR | down DIR | status DIR
# N fake VMs on this machine. VM i: a real sshd on 127.0.1.i:2222 (own host key, one client key),
# an app directory, a tiny HTTP app on 127.0.1.i:8437 under runit's runsv; one haproxy in front.
# The box that haproxy runs on has an sshd too, on 127.0.200.1:2222, for who reaches haproxy's socket as on a real box.
# Environment: BOOT_MS (app boot, default 0), SLOW_MS (default 200), INTER (check interval, default 500ms),
# FE_PORT (haproxy's frontend, default 8438, on 127.0.200.1), VM_USER (default benchvm: a plain user with /bin/sh and an
# empty home, made when missing, so that no login shell's start-up files are in the figures). N <= 250. Run as root.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
cmd=${1:-}; shift || true
vm() { printf 'vm%03d' "$1"; }
up() {
  local n=$1 d; mkdir -p "$2"; d=$(cd "$2" && pwd)
  [ -e "$d/pids" ] && { echo "fleet already up in $d" >&2; exit 1; }
  ss -Hltn 'src 127.0.1.0/24' | grep -q . && { echo "127.0.1.x already has listeners (another fleet?)" >&2; exit 1; }
  local boot=${BOOT_MS:-0} slow=${SLOW_MS:-200} inter=${INTER:-500ms} fe=${FE_PORT:-8438}
  local user=${VM_USER:-benchvm}
  id "$user" >/dev/null 2>&1 || { useradd -m -s /bin/sh "$user" && usermod -p '*' "$user"; } || exit 1
  rm -f "/home/$user/.bashrc" "/home/$user/.profile" "/home/$user/.bash_logout" 2>/dev/null
  mkdir -p "$d/keys" "$d/vm" "$d/bin" /run/sshd; chmod 755 "$d" "$d/keys"
  [ -x "$d/bin/tinyapp" ] || cc -O2 -static -o "$d/bin/tinyapp" "$HERE/tinyapp.c" || exit 1
  [ -e "$d/keys/client" ] || ssh-keygen -q -t ed25519 -N '' -C bench -f "$d/keys/client"
  cp "$d/keys/client.pub" "$d/keys/authorized_keys"; chmod 644 "$d/keys/authorized_keys"
  # shellcheck disable=SC2016 # The inner shell expands it.
  seq 1 "$n" | xargs -P4 -n16 sh -c 'd=$0; for i; do [ -e $d/keys/host.$i ] || ssh-keygen -q -t ed25519 -N "" -C h$i -f $d/keys/host.$i; done' "$d"
  : > "$d/known_hosts"; : > "$d/pids.new"; : > "$d/hosts"
  { echo "Host vm*"; echo "  User $user"; echo "  Port 2222"; echo "  IdentityFile $d/keys/client"; echo "  IdentitiesOnly yes"
    echo "  PreferredAuthentications publickey"; echo "  UserKnownHostsFile $d/known_hosts"; echo "  GlobalKnownHostsFile /dev/null"
    echo "  StrictHostKeyChecking yes"; echo "  LogLevel ERROR"; } > "$d/ssh_config"
  echo "[fleet]" > "$d/inventory.ini"
  { cat <<H
global
  stats socket $d/haproxy.sock mode 666 level admin
  stats timeout 60s
  maxconn 4000
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 3
  option redispatch
frontend fe
  bind 127.0.200.1:$fe
  default_backend app
backend app
  balance roundrobin
  option httpchk GET /healthz
  default-server inter $inter rise 2 fall 3 weight 100
H
  for i in $(seq 1 "$n"); do echo "  server $(vm "$i") 127.0.1.$i:8437 check"; done; } > "$d/haproxy.cfg"
  sshd() { # NAME ADDRESS FOLDER
    cat > "$3/sshd_config" <<S
ListenAddress $2
Port 2222
HostKey $d/keys/host.$1
AuthorizedKeysFile $d/keys/authorized_keys
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
AllowUsers $user
UsePAM no
UseDNS no
StrictModes no
MaxStartups 1000
MaxSessions 1000
PrintMotd no
PrintLastLog no
LogLevel ERROR
LogVerbose serverloop.c:server_input_channel_open():*
Subsystem sftp internal-sftp
S
    read -r t k _ < "$d/keys/host.$1.pub"; echo "[$2]:2222 $t $k" >> "$d/known_hosts"
    setsid /usr/sbin/sshd -D -f "$3/sshd_config" -E "$3/sshd.log" </dev/null >/dev/null 2>&1 & echo "$! sshd" >> "$d/pids.new"
  }
  mkdir -p "$d/box"; [ -e "$d/keys/host.box" ] || ssh-keygen -q -t ed25519 -N '' -C box -f "$d/keys/host.box"
  sshd box 127.0.200.1 "$d/box"
  for i in $(seq 1 "$n"); do
    local h; h=$(vm "$i"); local v=$d/vm/$h a=127.0.1.$i
    mkdir -p "$v/app/releases/v0" "$v/sv/app"
    echo v0 > "$v/app/releases/v0/VERSION"; ln -sfn releases/v0 "$v/app/current"
    printf '#!/bin/sh\nexec 2>/dev/null\nexport BOOT_MS=%s SLOW_MS=%s\nexec %s %s 8437 %s\n' "$boot" "$slow" "$d/bin/tinyapp" "$a" "$v/app/current/VERSION" > "$v/sv/app/run"; chmod +x "$v/sv/app/run"
    sshd "$i" "$a" "$v"; echo "[$h]:2222 $t $k" >> "$d/known_hosts"
    printf 'Host %s\n  HostName %s\n' "$h" "$a" >> "$d/ssh_config"
    echo "$h ansible_host=$a addr=$a vmdir=$v" >> "$d/inventory.ini"
    echo "$h $a $v" >> "$d/hosts"
    chown -R "$user:" "$v"
    setsid setpriv --reuid "$user" --regid "$user" --clear-groups runsv "$v/sv/app" </dev/null >/dev/null 2>&1 & echo "$! runsv" >> "$d/pids.new"
  done
  setsid haproxy -db -f "$d/haproxy.cfg" </dev/null >"$d/haproxy.log" 2>&1 & echo "$! haproxy" >> "$d/pids.new"
  mv "$d/pids.new" "$d/pids"
  { echo "[box]"; echo "lb ansible_host=127.0.200.1"; for g in app bench production; do echo "[$g:children]"; echo fleet; echo box; done; echo "[machines:children]"; echo fleet; echo box
    echo "[machines:vars]"; echo "ansible_port=2222"; echo "ansible_user=$user"; echo "ansible_ssh_private_key_file=$d/keys/client"
    echo "ansible_python_interpreter=/usr/bin/python3"
    echo "ansible_ssh_common_args='-o UserKnownHostsFile=$d/known_hosts -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o LogLevel=ERROR'"; } >> "$d/inventory.ini"
  # ready: every server UP in haproxy (its own check of the app), every sshd listening
  local t=0 upn=0
  while [ $t -lt 300 ]; do
    upn=$(echo 'show stat' | socat - "$d/haproxy.sock" 2>/dev/null | awk -F, '$2 ~ /^vm/ && $18 == "UP" && $37 ~ /^L7OK/' | wc -l)
    [ "$upn" = "$n" ] && [ "$(ss -Hltn sport = :2222 | wc -l)" -gt "$n" ] && break
    sleep 0.1; t=$((t + 1))
  done
  echo "up: $upn of $n servers UP, fleet in $d"
  [ "$upn" = "$n" ]
}
down() {
  local d; d=$(cd "$1" && pwd); [ -e "$d/pids" ] || { echo "no fleet in $d"; return 0; }
  for s in "$d"/cp/*; do [ -S "$s" ] && ssh -O exit -o ControlPath="$s" x 2>/dev/null; done
  while read -r p k; do
    case $k in
      runsv) kill -TERM "$p" 2>/dev/null ;;                  # runsv: service down, then exit
      *) kill -TERM -- "-$p" 2>/dev/null || kill -TERM "$p" 2>/dev/null ;;
    esac
  done < "$d/pids"
  sleep 1
  while read -r p k; do { tr "\0" " " < "/proc/$p/cmdline" | grep -q -F -e "$d" -e sshd && kill -KILL "$p"; } 2>/dev/null; done < "$d/pids"
  rm -f "$d/pids"; echo "down: $d"
}
case $cmd in
  up) up "$@" ;;
  down) down "$@" ;;
  status) echo 'show stat' | socat - "$1/haproxy.sock" | awk -F, '$2 ~ /^vm/ {print $2, $18, "weight", $19, "scur", $5}' ;;
  *) sed -n 2,9p "$0"; exit 2 ;;
esac
