using System.Diagnostics.Metrics;
using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Errors;

/// <summary>Counts what clients are refused.</summary>
internal sealed class ErrorCounter(IMeterFactory meters)
{
    private readonly Counter<long> _errors = meters.Create(ServerMeter.Name).CreateCounter<long>(
        "chasqui.errors", "{error}", "What clients were refused, by its code and the door.");

    public void Add(string door, string code)
    {
        if (_errors.Enabled)
        {
            _errors.Add(1, TransportNames.Tag(door), new KeyValuePair<string, object?>("code", code));
        }
    }
}
