using System.Runtime.InteropServices;

namespace Chasqui.Server.CommandLine;

/// <summary>Asks a long command to end where it can be given again, when a signal would have ended it in the middle.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopped = new();
    private readonly PosixSignalRegistration _interrupted;
    private readonly PosixSignalRegistration _terminated;

    public StopSignals()
    {
        _interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    public CancellationToken Token => _stopped.Token;

    public void Dispose()
    {
        _interrupted.Dispose();
        _terminated.Dispose();
        _stopped.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stopped.Cancel();
    }
}
