namespace Chasqui.Server.Http;

/// <summary>Documents the lower limit of a parameter that has no upper one. The endpoint checks it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class AtLeastAttribute(long minimum) : Attribute
{
    public long Minimum => minimum;
}
