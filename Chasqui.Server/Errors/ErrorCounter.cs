using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Errors;

internal sealed class ErrorCounter(IMeterFactory meters)
{
    private readonly Counter<long> _errors = meters.Create(ServerMeter.Name).CreateCounter<long>(
        "chasqui.errors", "{error}", "Refusals by code and transport.");

    public void Add(string transport, string code)
    {
        if (_errors.Enabled)
        {
            _errors.Add(1, TransportNames.Tag(transport), new KeyValuePair<string, object?>("code", code));
        }
    }
}
