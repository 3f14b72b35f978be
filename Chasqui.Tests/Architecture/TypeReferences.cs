using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Chasqui.Tests.Architecture;

/// <summary>
/// Which types each type of a compiled assembly names: in signatures, attributes and code. Nested types, those of the
/// compiler included, count as the type that they stand in.
/// </summary>
internal sealed class TypeReferences : IDisposable
{
    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value, code => code.OperandType);

    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly SignatureNames _signatures;
    private HashSet<string> _names = [];

    private TypeReferences(Assembly assembly)
    {
        _file = new PEReader(File.OpenRead(assembly.Location));
        _metadata = _file.GetMetadataReader();
        _signatures = new SignatureNames(Add);
    }

    /// <summary>Full names of types, each with the full names of those that it refers to.</summary>
    public static Dictionary<string, HashSet<string>> Of(Assembly assembly)
    {
        using var reader = new TypeReferences(assembly);
        var all = new Dictionary<string, HashSet<string>>();
        foreach (var handle in reader._metadata.TypeDefinitions)
        {
            var name = reader.NameOf(handle);
            reader._names = all.TryGetValue(name, out var names) ? names : all[name] = [];
            reader.ReadType(reader._metadata.GetTypeDefinition(handle));
        }

        return all;
    }

    public void Dispose() => _file.Dispose();

    private void ReadType(TypeDefinition type)
    {
        Add(type.BaseType);
        AddAttributes(type.GetCustomAttributes());
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            Add(_metadata.GetInterfaceImplementation(implemented).Interface);
        }

        foreach (var field in type.GetFields())
        {
            Add(field);
            AddAttributes(_metadata.GetFieldDefinition(field).GetCustomAttributes());
        }

        foreach (var handle in type.GetMethods())
        {
            Add(handle);
            var method = _metadata.GetMethodDefinition(handle);
            AddAttributes(method.GetCustomAttributes());
            if (method.RelativeVirtualAddress != 0)
            {
                ReadBody(_file.GetMethodBody(method.RelativeVirtualAddress));
            }
        }
    }

    private void ReadBody(MethodBodyBlock body)
    {
        Add(body.LocalSignature);
        foreach (var region in body.ExceptionRegions)
        {
            Add(region.CatchType);
        }

        var code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            var operand = Operands[(short)(value == 0xFE ? (value << 8) | code.ReadByte() : value)];
            switch (operand)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok
                    or OperandType.InlineSig:
                    Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    // Read first: a compound assignment would take the offset before the count.
                    var targets = code.ReadInt32();
                    code.Offset += sizeof(int) * targets;
                    break;
                default:
                    code.Offset += Size(operand);
                    break;
            }
        }
    }

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private void Add(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeReference or HandleKind.TypeDefinition:
                _names.Add(NameOf(handle));
                break;
            case HandleKind.TypeSpecification:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_signatures, null);
                break;
            case HandleKind.MemberReference:
                var member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Add(member.Parent);
                _ = member.GetKind() == MemberReferenceKind.Method
                    ? member.DecodeMethodSignature(_signatures, null).ReturnType
                    : member.DecodeFieldSignature(_signatures, null);
                break;
            case HandleKind.MethodDefinition:
                var method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(method.GetDeclaringType());
                method.DecodeSignature(_signatures, null);
                break;
            case HandleKind.FieldDefinition:
                var field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(field.GetDeclaringType());
                field.DecodeSignature(_signatures, null);
                break;
            case HandleKind.MethodSpecification:
                var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(generic.Method);
                generic.DecodeSignature(_signatures, null);
                break;
            case HandleKind.StandaloneSignature:
                var signature = _metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle);
                _ = signature.GetKind() == StandaloneSignatureKind.LocalVariables
                    ? signature.DecodeLocalSignature(_signatures, null).Length
                    : signature.DecodeMethodSignature(_signatures, null).RequiredParameterCount;
                break;
        }
    }

    private void AddAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes)
        {
            Add(_metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private string NameOf(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeDefinition)
        {
            var definition = _metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
            return definition.GetDeclaringType() is { IsNil: false } outer ? NameOf(outer) : Name(definition.Namespace, definition.Name);
        }

        var reference = _metadata.GetTypeReference((TypeReferenceHandle)handle);
        return reference.ResolutionScope.Kind == HandleKind.TypeReference
            ? NameOf(reference.ResolutionScope)
            : Name(reference.Namespace, reference.Name);
    }

    private string Name(StringHandle space, StringHandle name) => $"{_metadata.GetString(space)}.{_metadata.GetString(name)}";
}
