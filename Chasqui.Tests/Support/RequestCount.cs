using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>Counts a server's HTTP requests that begin from now on.</summary>
public sealed class RequestCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _active;
    private long _begun;

    public RequestCount(TestServer server)
    {
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "http.server.active_requests" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            Interlocked.Add(ref _active, value);
            Interlocked.Add(ref _begun, Math.Max(value, 0));
        });
        _listener.Start();
    }

    /// <summary>Those that have not ended.</summary>
    public long Active => Interlocked.Read(ref _active);

    public long Begun => Interlocked.Read(ref _begun);

    public void Dispose() => _listener.Dispose();
}
