package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// control is a safeguard taken out of a file, and the tests of a package that must
// fail without it: the negative control of a guarantee.
type control struct {
	file, safeguard, without string
	pkg, tests               string // tests are names, separated by |
}

// controls are those of docs/reliability.md, in its order.
var controls = []control{
	{"sinks/nats/message.go", `m.id = append(append(append(m.id, '/'), d.Run...), '/')`, `m.id = append(m.id, '/')`,
		"sinks/nats", "TestAMessageSaysWhatItIs"},
	{"pipeline/runner/identity.go", `{"content", content},`, `{"content", content[:0]},`,
		"pipeline/runner", "TestContentAndConfigurationNameARun|TestAChangedRecordingIsNotResumed"},
	{"sinks/nats/jetstream.go", `			s.duplicates++`, ``, "sinks/nats", "TestWhatAStreamHoldsAlreadyIsADuplicate"},
	{"internal/digest/digest.go", `[]int64{0, max(0, size-sample)}`, `[]int64{0, 0}`,
		"internal/digest", "TestHeadTailAndSizeDecide"},
	{"sinks/jsonl/resume.go", `case p.size > 0 && s.onExist != outfile.OnAppend:`, `case false:`,
		"sinks/jsonl", "TestAnotherRunKeepsWhatIsThere"},
	{"sinks/arrow/sink.go", `if d[i].Seq < s.skip && d[i].Run == s.meta.Run {`, `if false {`,
		"sinks/arrow", "TestARepeatedRunWritesNothingTwice"},
	{"sinks/arrow/watch.go", `state := outfile.Look(f, s.files.current, s.seg.size)`, `state := outfile.Intact`,
		"sinks/arrow", "TestAFileThatGoesAwayIsBegunAgainAndCounted"},
	{"sinks/arrow/segment.go", `	s.tail = arrowipc.AppendTail(s.tail[:0], s.schema, s.blocks)`, `	return nil`,
		"sinks/arrow", "TestAFileIsCompleteAfterEveryBatch"},
	{"sinks/arrow/repair.go", `if _, err := s.f.Write(want); err != nil {`, `if err := error(nil); err != nil {`,
		"sinks/arrow", "TestARepairedFileIsReadByTheLibrary"},
	{"sinks/jsonl/resume.go", `if b.end = last.begin; m.Resumed {`, `if b.end = last.begin; false {`,
		"sinks/jsonl", "TestAResumedFileKeepsWhatTheCheckpointHasAndNothingElse"},
	{"internal/outfile/exist.go", `strings.LastIndexByte(name, '-')`, `strings.IndexByte(name, '-')`,
		"sinks/arrow", "TestAResumedRotationHasEachRowOnce"},
	{"sinks/jsonl/file.go", `		o.cutBack(o.size + int64(n))
	}
	o.size`, `	}
	o.size`, "sinks/jsonl", "TestAFullDiskLeavesWholeLinesAndCountsThem"},
	{"sinks/arrow/sink.go", `Lost: lost + s.pending.rows + s.enc.rows,`, `Lost: lost,`, "sinks/arrow", "TestAFullDiskIsReportedAndCounted"},
	{"sinks/nats/publish.go", `if c.env.reconnects() != before {`, `if c.env.reconnects() < before {`, "sinks/nats", "TestScripts"},
	{"sinks/nats/jetstream.go", `			s.restore(ctx)`, ``,
		"sinks/nats", "TestAStreamThatIsRemovedIsMadeAgainWhereThatIsWanted|TestAnEmptyServerIsGivenItsStreamAgain"},
	{"sinks/nats/jetstream.go", `if p.Sequence <= s.floor {`, `if false {`,
		"sinks/nats", "TestAStreamThatComesBackEmptyIsToldWithItsCount"},
	{"sinks/nats/refusals.go", `r.by[m[1]]++`, ``, "sinks/nats", "TestASubjectThatIsNotAllowedIsAnError"},
	{"pipeline/runner/fitter.go", `f.step = c.WindowStep()`, `_ = c`, "pipeline/runner", "TestAStepIsThatOfTheNetwork"},
	{"pipeline/runner/queue.go", `q.drop(dropped, queueFull)`, ``,
		"pipeline/runner", "TestTheAccountIsExactWhereverTheRunIsStopped|TestABlockedSinkHoldsNoMoreThanItsQueue"},
	{"sources/udp/source.go", `Count: s.overrun.Total()}`, `}`,
		"sources/udp", "TestWhatTheSystemDropsIsCountedWhileItHappens"},
	{"pipeline/runner/adjust.go", `	err := r.readout.(pipeline.Adjustable).Adjust(a.Readout)`, `	var err error`,
		"pipeline/runner", "TestAnAdjustmentCountsFromTheNextBatchUnderARunOfItsOwn"},
	{"cmd/service/member.go", `next = revert`, `return err`, "cmd", "TestAReloadRestartsWhatHasChangedAndNothingElse"},
	{"pipeline/runner/deadletter.go", `entries.in >= e.Most`, `entries.in > 1<<40`,
		"pipeline/runner", "TestDeadLettersAreBoundedAndCounted"},
	{"internal/systemd/systemd.go", `now := alive(); now && !ready`, `!ready`,
		"internal/systemd", "TestTheManagerHearsHowTheProcessDoes"},
	{"internal/outfile/distinct.go", `	return errA != nil && errB != nil && real(a) == real(b)`, `	return a == b`,
		"internal/outfile", "TestOutputsThatAreOneFileWithAnotherAreRefused|TestOneFileUnderTwoNamesIsRefused"},
	{"internal/outfile/distinct.go", `if real(folder.Path) == real(other.Path) {`, `if false {`,
		"internal/outfile", "TestFoldersOfManyFilesAreForOneWriter"},
	{"cmd/convert.go", `if err := guardSplit(in, out, f.beside); err != nil {`, `if err := error(nil); err != nil {`,
		"cmd", "TestWhatTimeDoesWithAClockThatStepped"},
	{"sinks/nats/config.go", `	if c.NeverDrop {
		return 0
	}
`, ``, "sinks/nats", "TestNeverDropOutlastsTheDeadline"},
	{"pipeline/runner/losses.go", `now.Sub(before.at) < lossPause`, `false`,
		"pipeline/runner", "TestLossesAreToldAtABoundedRate"},
	{"pipeline/runner/runner.go", `	case ctx.Err() != nil: // an orderly stop came first
		r.noteStop()
		err = nil
`, ``, "cmd", "TestAStopWhileOpeningIsOrderly"},
	{"pipeline/runner/sink.go", `			r.look(hard, o)
`, ``, "cmd", "TestAfterAHangupAMovedOutputIsBegunAgain"},
	{"cmd/signals.go", `	signal.Notify(pipes, syscall.SIGPIPE)
`, `	_ = pipes
`, "cmd", "TestAReaderThatGoesAwayKillsNothing|TestALogThatNobodyReadsKillsNothing|TestPipesThatNobodyReadsChangeNoExitCode"},
	{"cmd/main.go", `debug.SetTraceback("crash")`, `debug.SetTraceback("single")`, "cmd", "TestACrashIsNoWrongUse"},
	{"internal/outfile/outfile.go", `os.O_WRONLY | syscall.O_NONBLOCK`, `os.O_RDWR`,
		"internal/outfile", "TestAPipeThatNobodyReadsIsAnErrorAndNoWait"},
	{"internal/outfile/hold.go", `if err := lock(f); err != nil {`, `if err := error(nil); err != nil {`,
		"internal/outfile", "TestAHoldIsOneProcessesOwn"},
	{"internal/outfile/hold.go", `	sweep(prefix)
	for {`, `	for {`, "internal/outfile", "TestFoldersOfKilledProcessesGoAndOthersStay"},
	{"internal/listen/listen.go", `		host = loopback
`, ``, "internal/listen", "TestAnAddressWithoutAHostIsLoopback"},
	{"sinks/nats/embedded/access.go", `if a.open() && listen.Beyond(address) {`, `if a.open() != a.open() && listen.Beyond(address) {`,
		"sinks/nats/embedded", "TestAnOpenServerStaysOnLoopback"},
	{"internal/redact/redact.go", `if n := userinfo(url); n > 0 {`, `if n := 0; n > 0 {`,
		"internal/redact", "TestSecretsGoAndTheRestStays"},
	{"internal/screen/screen.go", `unicode.IsControl(r) || unicode.Is`, `unicode.Is`,
		"internal/screen", "TestWhatWouldSteerATerminalIsShown"},
	{"sources/format/ros/unpacking.go", `if left <= 0 {`, `if left = 1 << 40; false {`,
		"sources/format/ros", "TestAChunkThatUnpacksWithoutEndCostsItselfAlone"},
	{"pipeline/runner/delay.go", `	c.offset.Store(min(c.last, c.current))`, `	c.offset.Store(min(c.offset.Load(), c.current))`,
		"pipeline/runner", "TestEmitDelayForgetsADriftingSensorClock"},
	{"sources/udp/queue.go", `began.UnixMicro() + q.now().Sub(began).Microseconds()`, `began.UnixMicro()*0 + q.now().UnixMicro()`,
		"sources/udp", "TestAClockThatIsSetMovesNoStamp"},
	{"cmd/service/restart.go", `b.pause = min(2*b.pause, c.Most)`, `b.pause = c.Pause`,
		"cmd/service", "TestPausesDoubleUpToTheLongest"},
	{"cmd/service/restart.go", `return c.Policy == restartAlways || c.Policy == restartOnFailure && err != nil`, `return c.Policy == restartAlways`,
		"cmd/service", "TestAPipelineBeginsAgainAsItsPolicySays"},
	{"pipeline/natsconn/probe.go", `p.nc.FlushTimeout(probeWait); flush != nil && p.nc.Stats().InMsgs == before`, `error(nil); flush != nil && before == 0`,
		"pipeline/natsconn", "TestASilentServerIsKnownWithinTwoSeconds"},
	{"pipeline/runner/health.go", `		add("checkpoint", fmt.Errorf("the last snapshot failed: %w", saving))
`, `		_ = fmt.Errorf
`, "pipeline/runner", "TestProblemsTellWhichPartFails"},
	{"pipeline/cluster/partition.go", `			l.setAside(fmt.Sprintf("packet %d: %v", a.packet.Number, bad.error))`, `			_ = fmt.Sprintf`,
		"pipeline/cluster", "TestAStreamThatAlwaysFailsIsSetAsideAndDelaysNoOther"},
	{"pipeline/cluster/members.go", `if a.Leaving || `, `if `,
		"pipeline/cluster", "TestALeavingWorkerHandsOverEachPartitionAtOnce"},
	{"pipeline/cluster/handover.go", `case p.offered.IsZero() && wanted:`, `case p.offered.IsZero() && wanted && false:`,
		"pipeline/cluster", "TestAPartitionIsServedUntilTheNextOwnerIsPrepared"},
	{"pipeline/cluster/members.go", `	return ok && w.silent < dead`, `	return ok && w.silent < dead<<20`,
		"pipeline/cluster", "TestASilentWorkerIsDeadWhateverTheServersClockSays"},
	{"pipeline/cluster/trim.go", `before: p.since.Add(-orphanAge)`, `before: t.last.Add(-orphanAge)`,
		"pipeline/cluster", "TestAClockThatIsAheadRemovesNoState"},
	{"pipeline/cluster/spool.go", `cmp.Compare(a.order, b.order)`, `cmp.Compare(b.order, a.order)`,
		"pipeline/cluster", "TestAClockThatIsSetBackChangesNoOrder"},
	{"pipeline/cluster/spool.go", `outfile.NewHold(s.held())`, `outfile.NewHold(s.held() + fmt.Sprintf("%p", s))`,
		"pipeline/cluster", "TestASpoolBelongsToOneFeederOfAStream"},
	{"pipeline/cluster/spool.go", `errors.Join(err, s.cutBack())`, `err`,
		"pipeline/cluster", "TestAFullDiskCostsPacketsAndDoesNotEndTheStream"},
	{"sources/tcp/queue.go", `	if connected {
		return nil`, `	if true || connected {
		return nil`, "sources/tcp", "TestASourceWithoutASenderIsNotWell"},
	{"pipeline/checkpoint/store.go", `errors.Join(err, outfile.Remove(draft))`, `err`,
		"pipeline/checkpoint", "TestASnapshotThatFailsTakesNoRoom"},
	{"pipeline/runner/checkpoint.go", `s.told.IsZero() || now.Sub(s.told) >= lossPause`, `s.told.IsZero() || now.After(s.told) || true`,
		"pipeline/runner", "TestSnapshotsThatFailAreToldAtABoundedRate"},
	{"sinks/parquet/sink.go", `	if err := outfile.CheckWritable(filepath.Dir(s.path)); err != nil {`,
		`	if err := error(nil); err != nil || filepath.Dir("") == "" {`, "sinks/parquet", "TestAFolderThatTakesNoFileIsRefusedAtOpen"},
	{"pipeline/telemetry/producer.go", `	if p.now.Round(0).Before(start.Round(0)) {`, `	if false {`,
		"pipeline/telemetry", "TestAClockThatIsSetBackBeginsNoSeriesInTheFuture"},
	{"pipeline/cluster/members.go", `			b.revision = max(b.revision, e.Revision())
`, `			_ = e
`, "pipeline/cluster", "TestALeaseOutlivesARenewalWithoutAnswer"},
	{"pipeline/cluster/members.go", `if has, ok := a.Pipelines[name]; ok && has != is {`, `if has, ok := a.Pipelines[name]; ok && has != is && false {`,
		"pipeline/cluster", "TestAWorkerWithAnotherConfigurationIsRefused"},
	{"pipeline/cluster/serve.go", `if errors.Is(err, errModel) {`, `if errors.Is(err, errModel) && false {`,
		"pipeline/cluster", "TestAWorkerWithAnotherConfigurationIsRefused"},
	{"pipeline/cluster/layout.go", `if !slices.Equal(have.Subjects, want.Subjects) && have.Description != want.Description {`, `if false {`,
		"pipeline/cluster", "TestAStreamOfSomebodyElseIsRefused"},
	{"pipeline/cluster/parts.go", `e.Name() != own {`, `e.Name() != own && false {`,
		"pipeline/cluster", "TestAFolderOfPartsBelongsToOneCluster"},
	{"pipeline/cluster/parts.go", `!e.Type().IsRegular() || !p.isPart(e.Name())`, `!strings.HasPrefix(e.Name(), "part-"+strconv.Itoa(p.n)+"-")`,
		"pipeline/cluster", "TestEachDetectionIsInOneFile"},
	{"cmd/outputs.go", `	if err := outfile.Distinct(withBesides(outputs), inputs); err != nil {
		return err
	}`, `	if err := outfile.Distinct(outputs, inputs); err != nil {
		return err
	}`, "cmd", "TestWhatLiesBesideAnOutputIsNobodyElses"},
	{"internal/outfile/distinct.go", `os.SameFile(there, info) {`, `os.SameFile(there, info) && false {`,
		"internal/outfile", "TestOutputsThatWouldReplaceAFileAmongTheInputsAreRefused"},
	{"pipeline/cluster/checkpoint.go", `if r.Input != 0 && r.Input != made {`, `if false {`,
		"pipeline/cluster", "TestAnInputThatIsMadeAgainIsContinuedWith"},
	{"pipeline/cluster/send.go", `errors.Is(err, jetstream.ErrMsgNotFound) && f.last > 0 {`, `errors.Is(err, jetstream.ErrMsgNotFound) && f.last > 1<<60 {`,
		"pipeline/cluster", "TestAnInputThatIsMadeAgainIsContinuedWith"},
	{"pipeline/cluster/partition.go", `p.state(ctx, l); missing(err) {`, `p.state(ctx, l); missing(err) && false {`,
		"pipeline/cluster", "TestAStreamWhoseStateIsGoneIsSetAside"},
	{"pipeline/cluster/partition.go", `(l.track.State.Seq < l.track.Seq || l.resumed)`, `l.track.State.Seq < l.track.Seq`,
		"pipeline/cluster", "TestAStreamWhoseStateIsGoneIsSetAside"},
	{"pipeline/cluster/spool.go", `if s.total+n > s.most && !p.last {`, `if !p.last {`,
		"pipeline/cluster", "TestALiveStreamWaitsOnDiskForAServerThatIsAway"},
	{"pipeline/cluster/parts.go", `outfile.Remove(path); err != nil {`, `error(nil); err != nil {`,
		"pipeline/cluster", "TestEachDetectionIsInOneFile"},
	{"pipeline/checkpoint/identity.go", `case text != v.Text:`, `case false:`,
		"pipeline/runner", "TestWhatCannotBeResumedIsRefusedBeforeAnySinkOpens"},
	{"pipeline/runner/queue.go", `min(capacity, firstRing)`, `capacity`,
		"pipeline/runner", "TestAQueueTakesMemoryAsFarAsEntriesWait"},
	{"sinks/jsonl/csv.go", `head:   string(append(pipeline.AppendCSVHead(nil), '\n')),`, `head:   "",`,
		"sinks/jsonl", "TestATableHasAHeadAndALineADetection|TestATableResumesBehindItsCheckpointWithOneHead|" +
			"TestAnotherTableIsSetAsideAndAForeignOneRefused"},
	{"sinks/jsonl/file.go", `if size == 0 && o.head != "" {`, `if false {`,
		"sinks/jsonl", "TestATableThatIsCutOrRemovedBeginsAgainWithItsHead"},
	{"sinks/jsonl/file.go", `state := outfile.Look(f, o.path, o.size)`, `state := outfile.Intact`,
		"sinks/jsonl", "TestAFileThatGoesAwayIsBegunAgainAndCounted"},
	{"sinks/jsonl/resume.go", `	b.end -= int64(n)
	return nil`, `	return nil`, "sinks/jsonl", "TestATornTableIsRepaired"},
	{"sinks/parquet/enter.go", `	return d.Run == e.meta.Run && d.Seq < e.meta.NextSeq`, `	return true`,
		"sinks/parquet", "TestAKilledRunResumesWithEachRowOnce"},
	{"sinks/parquet/enter.go", `	n, err := complete(path, e.cfg.GroupRows, r, first)
	e.log`, `	n, err := 0, forget(path, r)
	e.log`, "sinks/parquet", "TestAnotherRunCompletesWhatAKilledOneLeft"},
	{"sinks/parquet/enter.go", `run != first.Run || seq != first.Seq`, `true`, "sinks/parquet", "TestAFileThatIsWholeIsNotWrittenTwice"},
	{"sinks/parquet/rows.go", `string(head) != rowHead[:len(head)]`, `false`, "sinks/parquet", "TestForeignRowsAreRefusedAndKept"},
	{"sinks/parquet/sink.go", `if state := p.table.state(); state != outfile.Intact {`, `if state := outfile.Intact; state != outfile.Intact {`,
		"sinks/parquet", "TestWhatGoesAwayIsMadeAgainOrCounted"},
	{"sinks/parquet/rows.go", `		_ = r.f.Truncate(r.size + int64(n)) // else the next reader finds a torn line, and stops there
`, ``, "sinks/parquet", "TestAFullDiskLeavesWholeRowsAndCountsTheRest"},
	{"sinks/parquet/sink.go", `	_, err := made(p.path, s.cfg.GroupRows, p.rows)
	return err`, `	return p.rows.end()`,
		"sinks/parquet", "TestAFullDiskLeavesWholeRowsAndCountsTheRest|TestRowsOutliveAFileThatCannotBeMade"},
	{"sinks/parquet/sink.go", `d.T-first.T < every && d.Run == first.Run`, `d.T-first.T < every<<20 && d.Run == first.Run`,
		"sinks/parquet", "TestFilesRotateBySensorTime"},
	{"pipeline/runner/losses.go", `if !o.alone.TryLock() {`, `if o.alone.TryLock(); false {`,
		"pipeline/runner", "TestNoTwoCallsAreInASinkAtATime"},
	{"sinks/keep/keeper.go", `_, _ = os.Remove(first.path+unfinished), os.Remove(second.path+unfinished)`, `_ = second`,
		"sinks/keep", "TestAClipThatCannotBeWrittenLeavesNothing"},
	{"sinks/keep/keeper.go", `if files > k.max {`, `if files < 0 {`,
		"sinks/keep", "TestAFullFolderKeepsWhatItHas"},
	{"pipeline/cluster/keep.go", `	p.keeping = done
	p.packing.Go(`, `	p.keeping = done
	func(f func()) { f() }(`, "pipeline/cluster", "TestWhatComesWhileAPartitionIsHandedOverIsServed"},
	{"network/motion/track/tracker.go", `if b.Evidence < keep*k.cfg.Evidence {`, `if b.Evidence < k.cfg.Evidence {`,
		"network/motion/track", "TestScripts"},
	{"network/motion/track/border.go", `	c.seen.lo = min(c.seen.lo, 0)
`, ``, "network/motion/track", "TestScripts"},
	{"network/motion/track/border.go", `return a.coming && b.coming &&`, `return false &&`, "network/motion/track", "TestScripts"},
	{"network/motion/track/lost.go", `gain := float64(points) / c.points`, `gain := 1.`, "network/motion/track", "TestScripts"},
	{"network/motion/track/lost.go", `return max(both.X, both.Y) <=`, `return false && max(both.X, both.Y) <=`,
		"network/motion/track", "TestScripts"},
	{"network/motion/track/sever.go", `if min(a.alone, b.alone) >= aloneLeast {`, `if false {`, "network/motion/track", "TestScripts"},
	{"network/motion/track/stance.go", `case k.ground || !walks ||`, `case k.ground || walks ||`, "network/motion/track", "TestScripts"},
	{"network/motion/track/publish.go", `	if deg >= 360 { // a tiny negative angle rounds up
		return 0
	}
`, ``, "network/motion/track", "TestDirectionsLieBelowAFullTurn"},
	{"sources/live/windows.go", `	if t < least {`, `	if t < least-1 {`, "sources/live", "TestAStepBackIsToldFromARestartToTheMicrosecond"},
	{"sources/recording/ascent.go", `			t := events[i].T
			if uint64(t-last) > clockLeap {`, `			t := events[i].T
			if uint64(t-last+1) > clockLeap+1 {`, "sources/recording", "TestAStepBackByOneMicrosecondIsNotPlain"},
	{"sources/format/evt/evt3_time.go", `case delta <= -evt3WrapFall:`, `case delta < -evt3WrapFall:`,
		"sources/format/evt", "TestEVT3TimeStartsOverAtItsBoundary"},
	{"sources/format/aedat/aedat4_decode.go", `d.t = out[len(out)-1].T`, `_ = out`,
		"sources/format/aedat", "TestADamagedPacketLosesNoOther"},
	{"encoders/code/level.go", `if v > threshold {`, `if v >= threshold {`, "encoders/code", "TestALevelAtItsThresholdIsSilent"},
	{"network/lif.go", `if !(b.v[n] > limit) {`, `if !(b.v[n] >= limit) {`, "network", "TestEqualityBetweenEvents"},
	{"network/clockedblock.go", `return v > threshold || b.Inclusive && v == threshold`, `return v >= threshold`,
		"network", "TestAThresholdIsMetByWhatLiesAboveIt"},
	{"network/update.go", `if v > int64(p.Threshold)<<6 {`, `if v >= int64(p.Threshold)<<6 {`,
		"network", "TestAThresholdIsMetByWhatLiesAboveIt"},
	{"network/exactblock.go", `if x > pick(b.Threshold, int(id), 0) {`, `if x >= pick(b.Threshold, int(id), 0) {`,
		"network", "TestAThresholdIsMetByWhatLiesAboveIt|TestEqualityBetweenEvents"},
	{"encoders/cochlea/gain.go", `max(float64(n.floor[i]*n.rise), 1e-15)`, `float64(n.floor[i]*n.rise)`,
		"encoders/cochlea", "TestTheNoiseFloorRisesOutOfDigitalSilence"},
	{"pipeline/runner/queue.go", `	n = min(n, q.entries.out)
`, ``, "pipeline/runner", "TestAFailingSinkCostsItsOwnDetectionsAndNoOthers"},
	{"network/train/bptt/network.go", `weight := max(float64(n.weight), 1-normMemory)`, `weight := 1.0`,
		"network/train/bptt", "TestStatisticsCountByTheirWeight"},
}

// mutant is the control as a mutant of its file.
func (c control) mutant() (mutant, error) {
	src, err := os.ReadFile(c.file)
	if err != nil {
		return mutant{}, err
	}
	if n := strings.Count(string(src), c.safeguard); n != 1 {
		return mutant{}, fmt.Errorf("%s: the safeguard is there %d times: %s", c.file, n, c.safeguard)
	}
	at := strings.Index(string(src), c.safeguard)
	line := 1 + strings.Count(string(src[:at]), "\n")
	what, _, _ := strings.Cut(strings.TrimSpace(c.safeguard), "\n")
	return mutant{c.file, line, at, at + len(c.safeguard), what, c.without}, nil
}

// chosen are the controls of which a test is named, or all where none is.
func chosen(names []string) (list []control) {
	for _, c := range controls {
		if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return strings.Contains(c.tests, n) }) {
			list = append(list, c)
		}
	}
	return list
}

// verdict is of the control's tests without the safeguard. They must pass with it,
// or a failure would tell nothing.
func (c control) verdict(ctx context.Context, dir string, without mutant, limit time.Duration) (verdict, error) {
	run := func(m mutant) (verdict, error) { return try(ctx, dir, c.pkg, m, limit, "-run", "^("+c.tests+")$") }
	with := without
	with.with = c.safeguard
	if v, err := run(with); err != nil || v != survived {
		return failing, err
	}
	return run(without)
}

// takeOut tries every control and reports those whose tests pass without the
// safeguard, or do not compile without it, or do not even pass with it.
func takeOut(ctx context.Context, list []control, limit time.Duration) error {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	wrong := 0
	for i, c := range list {
		m, err := c.mutant()
		if err != nil {
			return err
		}
		v, err := c.verdict(ctx, dir, m, limit)
		if err != nil {
			return err
		}
		if v != noticed {
			wrong++
		}
		fmt.Fprintf(os.Stderr, "%3d/%d %-9v %s without %s:%d: %s\n", i+1, len(list), v, c.tests, m.file, m.line, m.what)
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d safeguards have no test that passes with them and fails without", wrong, len(list))
	}
	return nil
}
