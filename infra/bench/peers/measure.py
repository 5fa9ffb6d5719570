#!/usr/bin/env python3
"""measure.py --fleet DIR [--load RATE] [--settle S] [--out F.jsonl] [--tag k=v ...] [--with PID,...] -- COMMAND
Runs one deployment command and prints one JSON line:
 wall           seconds, monotonic
 cpu            user+system seconds of the command's whole tree, daemonised ssh masters too (cgroup v1 cpuacct where
                there is one; else the children the command waited for)
 --with         services that work for the command and were there before: what they use meanwhile is in cpu and memory
 fleet_cpu      the same for the fake VMs and haproxy (cgroup v1 only): what real VMs would burn elsewhere
 machine_cpu    busy seconds of the whole machine in the run (fleet, haproxy, load and the idle rest included)
 peak_proc_mb   largest single process (ru_maxrss);  peak_rss_mb  largest sum of RSS over the tree (shared pages counted
                in each);  peak_pss_mb  the same by PSS (sampled once in 2 s)
 ok             exit status 0, and every VM serves VERSION (tag version=...), and every server is UP at full weight
 load           with --load: load.mjs's report (sent, ok, failed, ...)"""
import argparse, json, os, resource, signal, socket, subprocess, sys, threading, time, urllib.request
a = argparse.ArgumentParser()
a.add_argument('--fleet', required=True); a.add_argument('--load', type=float, default=0); a.add_argument('--out')
a.add_argument('--settle', type=float, default=1.0); a.add_argument('--tag', action='append', default=[]); a.add_argument('--log')
a.add_argument('cmd', nargs=argparse.REMAINDER)
a.add_argument('--with', dest='beside', default='')
o = a.parse_args(); cmd = o.cmd[1:] if o.cmd[:1] == ['--'] else o.cmd
tags = dict(t.split('=', 1) for t in o.tag); here = os.path.dirname(os.path.abspath(__file__)); HZ = os.sysconf('SC_CLK_TCK')
def busy():
    v = [int(x) for x in open('/proc/stat').readline().split()[1:]]
    return (sum(v[:8]) - v[3] - v[4]) / HZ
cg = None
try:
    cg = '/sys/fs/cgroup/cpuacct/vsm-bench-%d' % os.getpid(); os.mkdir(cg)
except OSError: cg = None
def cgpids():
    return [int(x) for x in open(cg + '/cgroup.procs').read().split()] if cg else []
def into():
    if cg: open(cg + '/cgroup.procs', 'w').write(str(os.getpid()))
def peak(i): return next(int(l.split()[1]) for l in open('/proc/%d/status' % i) if l.startswith('VmHWM:')) / 1024
load = None
if o.load:
    load = subprocess.Popen(['node', here + '/load.mjs', 'http://127.0.200.1:%s' % os.environ.get('FE_PORT', '8438'), str(o.load)], stdout=subprocess.PIPE, text=True)
    time.sleep(2)
time.sleep(o.settle)
log = open(o.log, 'ab') if o.log else subprocess.DEVNULL
# the fleet's own cpu (sshd and what it runs, the apps, haproxy) in a group of its own, where there is cgroup v1
fg = None
if cg:
    fg = '/sys/fs/cgroup/cpuacct/vsm-fleet-%d' % os.getpid(); os.mkdir(fg)
    for l in open(o.fleet + '/pids'):
        q = [int(l.split()[0])]
        for x in q:
            try: q += [int(y) for y in open('/proc/%d/task/%d/children' % (x, x)).read().split()]; open(fg + '/cgroup.procs', 'w').write(str(x))
            except OSError: pass
beside = [int(x) for x in o.beside.split(',') if x]
def proc_cpu(i):
    v = open('/proc/%d/stat' % i).read().rsplit(')', 1)[1].split(); return (int(v[11]) + int(v[12])) / HZ
if cg:
    for x in beside: open(cg + '/cgroup.procs', 'w').write(str(x))
beside0 = [proc_cpu(x) for x in beside]
def used(g): return int(open(g + '/cpuacct.usage').read()) / 1e9
b0 = busy(); r0 = resource.getrusage(resource.RUSAGE_CHILDREN); t0 = time.monotonic()
p = subprocess.Popen(cmd, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=into)
rss = pss = 0; PG = resource.getpagesize()
end = threading.Event()
def sample():
    global rss, pss
    nextpss = t0 + 1
    while not end.wait(0.2):
        s = 0; q = 0; dop = time.monotonic() >= nextpss
        for i in cgpids():
            try:
                s += int(open('/proc/%d/statm' % i).read().split()[1]) * PG
                if dop: q += next(int(l.split()[1]) for l in open('/proc/%d/smaps_rollup' % i) if l.startswith('Pss:')) * 1024
            except (OSError, StopIteration): pass
        rss = max(rss, s); pss = max(pss, q)
        if dop: nextpss = time.monotonic() + 2
th = threading.Thread(target=sample, daemon=True); th.start()
p.wait()
wall = time.monotonic() - t0; b1 = busy(); end.set(); th.join(); r1 = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = (r1.ru_utime + r1.ru_stime) - (r0.ru_utime + r0.ru_stime) + sum(proc_cpu(x) - y for x, y in zip(beside, beside0))
fleet = None
if cg: cpu = used(cg); fleet = round(used(fg), 3)
out = dict(tags, rc=p.returncode, wall=round(wall, 3), cpu=round(cpu, 3), fleet_cpu=fleet, machine_cpu=round(b1 - b0, 2),
           peak_proc_mb=round(max([r1.ru_maxrss / 1024] + [peak(x) for x in beside]), 1), peak_rss_mb=round(rss / 1048576, 1), peak_pss_mb=round(pss / 1048576, 1))
if load:
    time.sleep(1); load.send_signal(signal.SIGTERM); out['load'] = json.loads(load.communicate()[0].strip() or '{}')
# leave no ssh master behind: the next run starts cold
cp = o.fleet + '/cp'
for s in os.listdir(cp) if os.path.isdir(cp) else []:
    subprocess.run(['ssh', '-O', 'exit', '-o', 'ControlPath=' + cp + '/' + s, 'x'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
for i in range(30):
    left = [x for x in cgpids() if x not in beside]
    if not left: break
    if i == 10:
        for x in left: os.kill(x, signal.SIGTERM)
    time.sleep(0.1)
for x in beside + [int(y) for y in open(fg + '/cgroup.procs').read().split()] if fg else []:
    try: open('/sys/fs/cgroup/cpuacct/cgroup.procs', 'w').write(str(x))
    except OSError: pass
for g in (cg, fg):
    try: g and os.rmdir(g)
    except OSError: pass
# the gate: did it deploy?
good = 0; hosts = [l.split() for l in open(o.fleet + '/hosts')]
for h, addr, _ in hosts:
    try: good += urllib.request.urlopen('http://%s:8437/' % addr, timeout=2).read().decode().strip() == tags.get('version')
    except OSError: pass
def ha(c):
    s = socket.socket(socket.AF_UNIX); s.connect(o.fleet + '/haproxy.sock'); s.sendall(c.encode() + b'\n'); b = b''
    while True:
        d = s.recv(65536)
        if not d: return b.decode()
        b += d
# a check that failed during a restart leaves a server at "UP 2/3" until the next one, for whoever does not wait for it
for i in range(30):
    up = sum(1 for l in ha('show stat').splitlines() if l.split(',')[1:2] and l.split(',')[1].startswith('vm') and l.split(',')[17] == 'UP' and l.split(',')[18] == '100')
    if up == len(hosts): break
    time.sleep(0.1)
out.update(n=len(hosts), deployed=good, up=up, ok=p.returncode == 0 and good == up == len(hosts))
line = json.dumps(out); print(line, flush=True)
if o.out: open(o.out, 'a').write(line + '\n')
