using System.Diagnostics.Metrics;
using Chasqui.Server.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>One of a server's observable instruments.</summary>
public sealed class Observed : IDisposable
{
    private readonly MeterListener _listener = new();
    private long? _value;

    public Observed(TestServer server, string instrument)
    {
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (published.Meter.Name == ServerMeter.Name && published.Meter.Scope == meters && published.Name == instrument)
            {
                listener.EnableMeasurementEvents(published);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _value = value);
        _listener.Start();
    }

    /// <summary>What it shows at this moment.</summary>
    public long Read()
    {
        _value = null;
        _listener.RecordObservableInstruments();
        return _value ?? throw new InvalidOperationException("The server has no such instrument");
    }

    public void Dispose() => _listener.Dispose();
}
