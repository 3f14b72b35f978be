using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Chasqui.Server.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>What one of a server's instruments measures from now on.</summary>
public sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _tags = new();

    public Measurements(TestServer server, string instrument, string tag)
    {
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (published.Meter.Name == ServerMeter.Name && published.Meter.Scope == meters && published.Name == instrument)
            {
                listener.EnableMeasurementEvents(published);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == tag)
                {
                    _tags.Enqueue((string)value!);
                }
            }
        });
        _listener.Start();
    }

    /// <summary>The tag of each measurement since the last time that this was asked.</summary>
    public string[] Take()
    {
        var taken = new List<string>();
        while (_tags.TryDequeue(out var tag))
        {
            taken.Add(tag);
        }

        return [.. taken];
    }

    public void Dispose() => _listener.Dispose();
}
